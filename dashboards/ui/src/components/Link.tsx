import type { AnchorHTMLAttributes, MouseEvent, ReactNode } from 'react';
import { keepRange, navigate, useLocation, type Changes } from '../lib/router';

interface Props extends Omit<AnchorHTMLAttributes<HTMLAnchorElement>, 'href'> {
  to: string;
  /** More parameters; the range is always kept. */
  with?: Changes;
  children: ReactNode;
}

/** A link inside the pages; keeps the range and leaves new-tab clicks to the browser. */
export function Link({ to, with: more = {}, children, onClick, ...rest }: Props): ReactNode {
  const { search } = useLocation();
  const href = keepRange(to, search, more);
  const follow = (event: MouseEvent<HTMLAnchorElement>): void => {
    onClick?.(event);
    if (
      event.defaultPrevented ||
      event.button !== 0 ||
      event.metaKey ||
      event.ctrlKey ||
      event.shiftKey ||
      event.altKey
    )
      return;
    event.preventDefault();
    navigate(href);
  };
  return (
    <a {...rest} href={href} onClick={follow}>
      {children}
    </a>
  );
}

/** A dot would look like a file's ending to the server, so it is encoded too. */
const seg = (text: string): string => encodeURIComponent(text).replaceAll('.', '%2E');
export const servicePath = (service: string): string => `/services/${seg(service)}`;
export const curvePath = (service: string): string => `/capacity/${seg(service)}`;
export const tracePath = (id: string, span?: string): string =>
  `/traces/${seg(id)}${span === undefined ? '' : `?span=${seg(span)}`}`;
export const alertPath = (id: string): string => `/alerts/${seg(id)}`;
export const sloPath = (name: string): string => `/slos/${seg(name)}`;
export const portfolioPath = (id: string): string => `/portfolios/${seg(id)}`;
export const clientPath = (id: string): string => `/portfolios/client/${seg(id)}`;
export const adviserPath = (id: string): string => `/portfolios/adviser/${seg(id)}`;
export const lookupPath = (q: string): string => `/lookup?q=${seg(q)}`;
