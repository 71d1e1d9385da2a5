import { useSyncExternalStore } from 'react';

export type Choice = 'system' | 'light' | 'dark';
const KEY = 'headroom-theme';
const listeners = new Set<() => void>();

const stored = (): Choice => {
  try {
    const value = localStorage.getItem(KEY);
    return value === 'light' || value === 'dark' ? value : 'system';
  } catch {
    return 'system'; // storage is off: the choice lasts as long as the page
  }
};
let choice: Choice = 'system';
let shown: 'light' | 'dark' = 'light';

function apply(): void {
  const dark = window.matchMedia('(prefers-color-scheme: dark)').matches;
  shown = choice === 'system' ? (dark ? 'dark' : 'light') : choice;
  document.documentElement.dataset['theme'] = shown;
  listeners.forEach((listener) => listener());
}

export function startTheme(): void {
  choice = stored();
  window.matchMedia('(prefers-color-scheme: dark)').addEventListener('change', apply);
  apply();
}

export function chooseTheme(next: Choice): void {
  choice = next;
  try {
    if (next === 'system') localStorage.removeItem(KEY);
    else localStorage.setItem(KEY, next);
  } catch {
    // The choice still holds for this page.
  }
  apply();
}

const subscribe = (listener: () => void): (() => void) => {
  listeners.add(listener);
  return () => listeners.delete(listener);
};
export const useTheme = (): 'light' | 'dark' => useSyncExternalStore(subscribe, () => shown);
export const useThemeChoice = (): Choice => useSyncExternalStore(subscribe, () => choice);

/** The value of a token now, for canvases. */
export const token = (name: string): string =>
  getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
