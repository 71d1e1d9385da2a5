/**
 * A drawing of a graph in layers (Sugiyama, Tagawa and Toda, 1981): who calls stands left of whom it calls. Edges that
 * close a cycle are turned for the layering; edges over several layers bend around what stands between; the order within
 * a layer follows the mean place of neighbours, swept to and fro.
 */
export interface Edge {
  from: string;
  to: string;
}
export interface Place {
  layer: number;
  /** Of its middle, in rows; the first is 0. */
  row: number;
}
export interface Layers {
  places: Map<string, Place>;
  /** For each edge, in their order, the places it goes through, from caller to callee. */
  routes: Place[][];
  layers: number;
  /** Height in rows. */
  rows: number;
}

const SWEEPS = 6;
/** What an edge takes between nodes, in rows. */
const THIN = 0.35;

interface Item {
  id: string;
  size: number;
}

/** Edges without those that close a cycle, which are turned; an edge to itself is left out. */
function acyclic(ids: readonly string[], edges: readonly Edge[]): Edge[] {
  const out = new Map<string, string[]>(ids.map((id) => [id, []]));
  const called = new Set<string>();
  for (const { from, to } of edges) {
    if (from === to) continue;
    out.get(from)?.push(to);
    called.add(to);
  }
  const open = new Set<string>();
  const done = new Set<string>();
  const back = new Set<string>();
  const visit = (id: string): void => {
    open.add(id);
    for (const next of out.get(id) ?? []) {
      if (open.has(next)) back.add(`${id}\n${next}`);
      else if (!done.has(next)) visit(next);
    }
    open.delete(id);
    done.add(id);
  };
  // Who is called by nobody first: the edge that is turned is then the one that leads back.
  for (const id of [...ids.filter((one) => !called.has(one)), ...ids]) if (!done.has(id)) visit(id);
  return edges.flatMap(({ from, to }) =>
    from === to ? [] : back.has(`${from}\n${to}`) ? [{ from: to, to: from }] : [{ from, to }],
  );
}

/** The longest way from a node that nobody calls. */
function layersOf(ids: readonly string[], edges: readonly Edge[]): Map<string, number> {
  const layer = new Map(ids.map((id) => [id, 0]));
  // Edges without a cycle come to rest: no way is longer than there are nodes.
  for (let moved = true; moved;) {
    moved = false;
    for (const { from, to } of edges) {
      const least = (layer.get(from) ?? 0) + 1;
      if ((layer.get(to) ?? 0) < least) {
        layer.set(to, least);
        moved = true;
      }
    }
  }
  return layer;
}

/** Rows in a given order, each as near to where it wants to be as the others leave room. */
function settle(items: readonly Item[], wanted: (id: string, i: number) => number): number[] {
  const rows: number[] = [];
  const wishes = items.map(({ id }, i) => wanted(id, i));
  items.forEach(({ size }, i) => {
    const above = rows[i - 1];
    const least = above === undefined ? -Infinity : above + ((items[i - 1]?.size ?? 1) + size) / 2;
    rows.push(Math.max(least, wishes[i] ?? 0));
  });
  const shift = wishes.reduce((sum, wish, i) => sum + wish - (rows[i] ?? 0), 0) / Math.max(1, items.length);
  return rows.map((row) => row + shift);
}

const mean = (values: readonly number[]): number | null =>
  values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;

export function inLayers(ids: readonly string[], edges: readonly Edge[]): Layers {
  const known = new Set(ids);
  const drawn = edges.filter(({ from, to }) => known.has(from) && known.has(to));
  const layer = layersOf(ids, acyclic(ids, drawn));
  const count = Math.max(0, ...layer.values()) + 1;
  const columns: Item[][] = Array.from({ length: count }, () => []);
  for (const id of ids) columns[layer.get(id) ?? 0]?.push({ id, size: 1 });
  const ways = edges.map(({ from, to }, i) => {
    const [a, b] = [layer.get(from) ?? 0, layer.get(to) ?? 0];
    const step = Math.sign(b - a);
    const between = Array.from({ length: Math.max(0, Math.abs(b - a) - 1) }, (_, k) => {
      const at = a + step * (k + 1);
      const bend = { id: `${i}\n${at}`, size: THIN };
      columns[at]?.push(bend);
      return bend.id;
    });
    return known.has(from) && known.has(to) ? [from, ...between, to] : [];
  });
  const layerOf = new Map(columns.flatMap((items, at) => items.map(({ id }) => [id, at] as const)));
  const near = new Map<string, string[]>();
  for (const way of ways) {
    way.slice(1).forEach((id, i) => {
      const before = way[i] ?? id;
      near.set(id, [...(near.get(id) ?? []), before]);
      near.set(before, [...(near.get(before) ?? []), id]);
    });
  }
  const row = new Map<string, number>();
  columns.forEach((items) => settle(items, (_, i) => i).forEach((at, i) => row.set(items[i]?.id ?? '', at)));
  for (let sweep = 0; sweep < SWEEPS; sweep += 1) {
    const forward = sweep % 2 === 0;
    for (const at of forward ? columns.keys() : [...columns.keys()].reverse()) {
      const items = columns[at] ?? [];
      const side = at + (forward ? -1 : 1);
      const wish = (id: string): number =>
        mean((near.get(id) ?? []).filter((one) => layerOf.get(one) === side).map((one) => row.get(one) ?? 0)) ??
        row.get(id) ??
        0;
      const wishes = new Map(items.map(({ id }) => [id, wish(id)]));
      items.sort((a, b) => (wishes.get(a.id) ?? 0) - (wishes.get(b.id) ?? 0));
      settle(items, (id) => wishes.get(id) ?? 0).forEach((now, i) => row.set(items[i]?.id ?? '', now));
    }
  }
  const first = row.size === 0 ? 0 : Math.min(...row.values());
  const place = (id: string): Place => ({ layer: layerOf.get(id) ?? 0, row: (row.get(id) ?? 0) - first });
  return {
    places: new Map(ids.map((id) => [id, place(id)])),
    routes: ways.map((way) => way.map(place)),
    layers: count,
    rows: row.size === 0 ? 0 : Math.max(...row.values()) - first + 1,
  };
}
