//! What a change names and nothing has.

use std::collections::BTreeMap;

use super::body::WallKind;
use super::evaluate::Laws;
use super::platform::Platform;
use super::what_if::WhatIf;

impl Laws {
    /// Names in a change that nothing has.
    pub(super) fn ignored(&self, platform: &Platform, change: &WhatIf) -> Vec<String> {
        let has = |kinds: &[WallKind], name: &str| {
            self.fitted.iter().filter(|fitted| kinds.contains(&fitted.resource.kind)).any(|fitted| {
                let r = &fitted.resource;
                fitted.shares.iter().any(|share| share.service == name)
                    || r.id() == name
                    || r.name == name
                    || format!("{}/{}", r.service, r.name) == name
            })
        };
        let maps: [(&str, &BTreeMap<String, f64>, &[WallKind]); 5] = [
            (
                "replicas",
                &change.replicas,
                &[WallKind::Cpu, WallKind::Memory, WallKind::EventLoop, WallKind::Connections],
            ),
            ("instance_size", &change.instance_size, &[WallKind::Cpu, WallKind::Memory]),
            ("pool_size", &change.pool_size, &[WallKind::Connections]),
            ("section", &change.section, &[WallKind::Contention]),
            (
                "work",
                &change.work,
                &[
                    WallKind::Cpu,
                    WallKind::EventLoop,
                    WallKind::Connections,
                    WallKind::Partitions,
                    WallKind::Database,
                ],
            ),
        ];
        let mut ignored: Vec<String> = maps
            .into_iter()
            .flat_map(|(key, map, kinds)| map.keys().map(move |name| (key, name, kinds)))
            .filter(|(_, name, kinds)| !has(kinds, name))
            .map(|(key, name, _)| format!("{key}.{name}"))
            .collect();
        let limited = |name: &str| {
            let resources = self.fitted.iter().map(|fitted| &fitted.resource);
            let kinds = [WallKind::Rate, WallKind::Partitions, WallKind::Database];
            resources.filter(|r| kinds.contains(&r.kind)).any(|r| r.id() == name || r.name == name)
        };
        let limits = change.limit.keys().filter(|name| !limited(name));
        ignored.extend(limits.map(|name| format!("limit.{name}")));
        let graph = &platform.graph;
        let operations =
            change.traffic.keys().filter(|name| !graph.entries.iter().any(|e| e.operation == **name));
        ignored.extend(operations.map(|name| format!("traffic.{name}")));
        let caches = change.cache_hit_ratio.iter().map(|r| ("cache_hit_ratio", &r.from, &r.to));
        let links = change.fan_out.iter().map(|l| ("fan_out", &l.from, &l.to));
        for (key, from, to) in caches.chain(links) {
            if !graph.edges.iter().any(|edge| edge.from.name() == from && edge.to.name() == to) {
                ignored.push(format!("{key} from {from} to {to}"));
            }
        }
        ignored
    }
}
