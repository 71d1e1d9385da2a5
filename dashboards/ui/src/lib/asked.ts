import { createContext, useContext } from 'react';
import { address, type Params } from '../api/client';

/** What the API was asked for the figures that are shown. */
export interface Asked {
  method: 'GET' | 'POST';
  path: string;
  params: Params;
  /** Of a POST. */
  body?: unknown;
}

/** The question behind everything within an answer. */
export const AskedContext = createContext<Asked | null>(null);
export const useAsked = (): Asked | null => useContext(AskedContext);

/** Text as one word of a shell. */
const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

/** The question as a shell asks it; the token is the reader's own to fill in. */
export function curl({ method, path, params, body }: Asked, origin: string): string {
  const lines = [`curl -H "Authorization: Bearer $TOKEN" ${quoted(origin + address(path, params))}`];
  if (method === 'POST') lines.push('-H "Content-Type: application/json"', `-d ${quoted(JSON.stringify(body ?? {}))}`);
  return lines.join(' \\\n  ');
}

/** A piece of a path, counted from "api" as 0, as it was before it was encoded. */
export const pieceOf = ({ path }: Asked, at: number): string => decodeURIComponent(path.split('/')[at + 1] ?? '');
