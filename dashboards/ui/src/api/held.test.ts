import { readdirSync, readFileSync } from 'node:fs';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';

/**
 * The bodies in this folder are held against the OpenAPI document of the server, as its own snapshot has it: what a type
 * names must be there, of that kind, and what may be null must be said to be. A type may leave fields out.
 */
const FOLDER = new URL('.', import.meta.url).pathname;
const SNAPSHOT = new URL('../../../src/snapshots/headroom_dashboards__router__tests__openapi.snap', import.meta.url);

interface Schema {
  $ref?: string;
  type?: string | string[];
  enum?: unknown[];
  const?: unknown;
  oneOf?: Schema[];
  anyOf?: Schema[];
  allOf?: Schema[];
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  additionalProperties?: Schema | boolean;
}

const document = JSON.parse(readFileSync(SNAPSHOT, 'utf8').split('\n---\n')[1] ?? '') as {
  components: { schemas: Record<string, Schema> };
};
const { schemas } = document.components;

/** What the pages call otherwise than the server does. */
const CALLED: Record<string, string> = {
  Attribution: 'BrinsonAttribution',
  Cohort: 'AssetsCohort',
  BudgetStep: 'BudgetStepBody',
  CalendarEvent: 'ForecastEvent',
  Peak: 'CurvePeak',
  Account: 'AccountBody',
  AccountsBody: 'AccountList',
  Action: 'ActionBody',
  ActionsBody: 'ActionList',
  AlertsBody: 'AlertList',
  AssetsBody: 'Assets',
  BacktestBody: 'Backtest',
  ComparedBody: 'Compared',
  DeliveriesBody: 'DeliveryList',
  DifferencesBody: 'Differences',
  ErrorsBody: 'Errors',
  ExemplarsBody: 'Exemplars',
  HeatmapBody: 'Heatmap',
  KeptTable: 'TableBody',
  Leader: 'LeaderBody',
  LogsBody: 'Logs',
  LookupBody: 'Lookup',
  MapBody: 'ServiceMap',
  MetricBody: 'Metric',
  MetricSeriesBody: 'MetricSeries',
  MetricsBody: 'Metrics',
  OperationsBody: 'Operations',
  PerformanceBody: 'Performance',
  PortfolioBody: 'Portfolio',
  PortfoliosBody: 'Portfolios',
  ProbesBody: 'ProbeList',
  RedBody: 'Red',
  SeriesBody: 'ServiceSeries',
  ServicesBody: 'Services',
  Session: 'SessionBody',
  SessionsBody: 'SessionList',
  Silence: 'SilenceBody',
  SilencesBody: 'SilenceList',
  SlosBody: 'SloList',
  SqlBody: 'SqlAnswer',
  TogetherBody: 'Together',
  TokensBody: 'TokenList',
  TraceBody: 'Trace',
  TracesBody: 'Traces',
  WallsBody: 'Walls',
};
/** Where a body says less than the document allows, and why that is all. */
const NARROWER: Record<string, string> = {
  'pools[].kind': 'pools are of processors, connections and event loops, not of every resource',
  'PoolHeadroom.kind': 'likewise',
};
/** What is in no body of its own in the document, and why. */
const APART: Record<string, string> = {
  Bounds: 'two figures, where they stand',
  OpenBounds: 'two figures, where they stand',
  Params: 'what is asked, not answered',
};

const files = readdirSync(FOLDER)
  .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
  .map((name) => FOLDER + name);
const program = ts.createProgram(files, {
  strict: true,
  exactOptionalPropertyTypes: true,
  module: ts.ModuleKind.ESNext,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
  target: ts.ScriptTarget.ES2022,
  jsx: ts.JsxEmit.ReactJSX,
});
const checker = program.getTypeChecker();

/** The schema behind references and lists of one; and whether null is among its choices. */
function resolved(schema: Schema): { choices: Schema[]; nullable: boolean } {
  if (schema.$ref !== undefined) return resolved(schemas[schema.$ref.split('/').at(-1) ?? ''] ?? {});
  const parts = schema.oneOf ?? schema.anyOf;
  if (parts !== undefined) {
    const all = parts.map(resolved);
    return { choices: all.flatMap(({ choices }) => choices), nullable: all.some(({ nullable }) => nullable) };
  }
  const types = schema.type === undefined ? [] : [schema.type].flat();
  const nullable = types.includes('null') || schema.enum?.includes(null) === true;
  const rest = types.filter((type) => type !== 'null');
  if (nullable && rest.length === 0 && schema.enum === undefined) return { choices: [], nullable };
  return { choices: [{ ...schema, type: rest }], nullable };
}

/** All properties of a schema, with those of the parts that it is made of; null where it has any. */
function propertiesOf(schema: Schema): { properties: Record<string, Schema>; required: string[] } | null {
  const own = { properties: { ...schema.properties }, required: [...(schema.required ?? [])] };
  for (const part of schema.allOf ?? []) {
    for (const choice of resolved(part).choices) {
      const more = propertiesOf(choice);
      Object.assign(own.properties, more?.properties);
      own.required.push(...(more?.required ?? []));
    }
  }
  return Object.keys(own.properties).length === 0 ? null : own;
}

const has = (type: ts.Type, flag: ts.TypeFlags): boolean => (type.flags & flag) !== 0;
const partsOf = (type: ts.Type): ts.Type[] => (type.isUnion() ? type.types : [type]);

type Seen = Set<string>;

/** What does not fit, as lines. */
function misfits(type: ts.Type, schema: Schema, path: string, seen: Seen): string[] {
  const { choices, nullable } = resolved(schema);
  const all = partsOf(type);
  const parts = all.filter((part) => !has(part, ts.TypeFlags.Null | ts.TypeFlags.Undefined));
  const out: string[] = [];
  if (nullable && all.length === parts.length && !has(type, ts.TypeFlags.Any | ts.TypeFlags.Unknown))
    out.push(`${path} may be null`);
  // A schema that says nothing takes everything.
  if (
    choices.length === 0 ||
    choices.some((one) => [one.type ?? []].flat().length === 0 && !one.properties && !one.allOf && !one.enum)
  )
    return out;
  const literals = parts.filter((part) => part.isStringLiteral());
  if (literals.length > 1 && literals.length === parts.length) return [...out, ...words(literals, choices, path)];
  const tried = parts.flatMap((part) => choices.map((choice) => misfit(part, choice, path, seen)));
  if (tried.length > 0 && tried.every((found) => found.length > 0))
    out.push(...(tried.sort((a, b) => a.length - b.length)[0] ?? []));
  return out;
}

/** Words that are told apart: each must be one that is sent, and each that is sent one of them. */
function words(literals: readonly ts.StringLiteralType[], choices: readonly Schema[], path: string): string[] {
  const sent = choices.flatMap((choice) => choice.enum ?? (choice.const === undefined ? [] : [choice.const]));
  // Where the document says no more than that it is text, the page knows better.
  if (sent.length === 0)
    return choices.some(({ type }) => [type ?? []].flat().includes('string')) ? [] : [`${path} is no text`];
  const known: unknown[] = literals.map(({ value }) => value);
  return [
    ...known.filter((word) => !sent.includes(word)).map((word) => `${path} is never "${String(word)}"`),
    ...sent.filter((word) => word !== null && !known.includes(word)).map((word) => `${path} may be "${String(word)}"`),
  ];
}

function misfit(type: ts.Type, schema: Schema, path: string, seen: Seen): string[] {
  const types = [schema.type ?? []].flat();
  const is = (...of: string[]): boolean => types.some((one) => of.includes(one));
  const no = (kind: string): string[] => [`${path} is ${types.join(' or ')} and no ${kind}`];
  if (has(type, ts.TypeFlags.Any | ts.TypeFlags.Unknown)) return [];
  if (type.isStringLiteral())
    return schema.const === type.value || schema.enum?.includes(type.value) === true || (is('string') && !schema.enum)
      ? []
      : [`${path} is never "${type.value}"`];
  if (has(type, ts.TypeFlags.StringLike)) return is('string') ? [] : no('text');
  if (has(type, ts.TypeFlags.NumberLike)) return is('number', 'integer') ? [] : no('number');
  if (has(type, ts.TypeFlags.BooleanLike)) return is('boolean') ? [] : no('boolean');
  if (checker.isTupleType(type)) return is('array') ? [] : no('list');
  if (checker.isArrayType(type)) {
    if (!is('array')) return no('list');
    const [item] = checker.getTypeArguments(type as ts.TypeReference);
    return item === undefined || schema.items === undefined ? [] : misfits(item, schema.items, `${path}[]`, seen);
  }
  return fields(type, schema, path, seen);
}

function fields(type: ts.Type, schema: Schema, path: string, seen: Seen): string[] {
  const name = (type.aliasSymbol ?? type.getSymbol())?.name ?? '';
  seen.add(name);
  const index = checker.getIndexTypeOfType(type, ts.IndexKind.String);
  const own = propertiesOf(schema);
  if (own === null) {
    const more = schema.additionalProperties;
    return index !== undefined && typeof more === 'object' ? misfits(index, more, `${path}{}`, seen) : [];
  }
  const key = `${path.split(/[.[{]/)[0]}>${name}`;
  if (name !== '__type' && seen.has(key)) return [];
  seen.add(key);
  return checker.getPropertiesOfType(type).flatMap((property) => {
    const at = `${path}.${property.name}`;
    const wanted = own.properties[property.name];
    const of = checker.getTypeOfSymbol(property);
    if (wanted === undefined) return [`${at} is not there`];
    return misfits(of, wanted, at, seen);
  });
}

const isBody = (type: ts.Type): boolean => has(type, ts.TypeFlags.Object);

/** Exported bodies: interfaces, and names for objects. */
const bodies = files.flatMap((file) => {
  const source = program.getSourceFile(file);
  const symbol = source === undefined ? undefined : checker.getSymbolAtLocation(source);
  return (symbol === undefined ? [] : checker.getExportsOfModule(symbol))
    .filter(({ flags }) => (flags & (ts.SymbolFlags.Interface | ts.SymbolFlags.TypeAlias)) !== 0)
    .map((one) => ({ name: one.name, file: file.slice(FOLDER.length), type: checker.getDeclaredTypeOfSymbol(one) }));
});

describe('the bodies of the API', () => {
  const seen: Seen = new Set();
  const found = bodies.flatMap(({ name, type }) => {
    const schema = schemas[CALLED[name] ?? name];
    const all = schema === undefined || !isBody(type) ? [] : misfits(type, schema, name, seen);
    return all.filter((line) => !Object.keys(NARROWER).some((path) => line.includes(`${path} may be`)));
  });
  it('are as the document of the server has them', () => {
    expect(found).toEqual([]);
  });
  it('are all held against it', () => {
    const missing = bodies
      .filter(({ type }) => isBody(type))
      .filter(
        ({ name }) => schemas[CALLED[name] ?? name] === undefined && !seen.has(name) && APART[name] === undefined,
      );
    expect(missing.map(({ name, file }) => `${file}: ${name}`)).toEqual([]);
  });
  it('leave nothing apart that is not', () => {
    expect(Object.keys(APART).filter((name) => !bodies.some((body) => body.name === name))).toEqual([]);
    expect(Object.values(CALLED).filter((name) => schemas[name] === undefined)).toEqual([]);
  });
});
