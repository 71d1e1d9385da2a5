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
const CALLED: Record<string, string> = {};
/** What is in no body of its own in the document, and why. */
const APART: Record<string, string> = {
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
  if (choices.length === 0 || choices.some((one) => [one.type ?? []].flat().length === 0 && !one.properties && !one.allOf && !one.enum))
    return out;
  for (const part of parts) {
    const tried = choices.map((choice) => misfit(part, choice, path, seen));
    if (tried.every((found) => found.length > 0)) out.push(...(tried.sort((a, b) => a.length - b.length)[0] ?? []));
  }
  return out;
}

function misfit(type: ts.Type, schema: Schema, path: string, seen: Seen): string[] {
  const types = [schema.type ?? []].flat();
  const is = (...of: string[]): boolean => types.some((one) => of.includes(one));
  const no = (kind: string): string[] => [`${path} is ${types.join(' or ')} and no ${kind}`];
  if (has(type, ts.TypeFlags.Any | ts.TypeFlags.Unknown)) return [];
  if (type.isStringLiteral()) {
    if (!is('string')) return no('text');
    return schema.enum === undefined || schema.enum.includes(type.value) ? [] : [`${path} is never "${type.value}"`];
  }
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
  const name = type.aliasSymbol?.name ?? type.symbol?.name ?? '';
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
    return schema === undefined ? [] : misfits(type, schema, name, seen);
  });
  it('are as the document of the server has them', () => {
    expect(found).toEqual([]);
  });
  it('are all held against it', () => {
    const objects = bodies.filter(({ type }) => has(type, ts.TypeFlags.Object));
    const missing = objects.filter(
      ({ name }) => schemas[CALLED[name] ?? name] === undefined && !seen.has(name) && APART[name] === undefined,
    );
    expect(missing.map(({ name, file }) => `${file}: ${name}`)).toEqual([]);
  });
  it('leave nothing apart that is not', () => {
    expect(Object.keys(APART).filter((name) => !bodies.some((body) => body.name === name))).toEqual([]);
    expect(Object.values(CALLED).filter((name) => schemas[name] === undefined)).toEqual([]);
  });
});
