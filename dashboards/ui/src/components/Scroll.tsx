import { useLayoutEffect, useRef, useState, type ReactNode } from 'react';

/** A box that scrolls what is too wide or too high for it; then, and only then, the keyboard reaches it. */
export function Scroll({
  label,
  className = '',
  children,
}: {
  label: string;
  className?: string;
  children: ReactNode;
}): ReactNode {
  const box = useRef<HTMLDivElement>(null);
  const [over, setOver] = useState(false);
  useLayoutEffect(() => {
    const element = box.current;
    if (element === null) return;
    const measure = (): void =>
      setOver(element.scrollWidth > element.clientWidth || element.scrollHeight > element.clientHeight);
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    if (element.firstElementChild !== null) observer.observe(element.firstElementChild);
    return () => observer.disconnect();
  }, []);
  return (
    <div
      ref={box}
      className={`table-box ${className}`}
      {...(over ? { tabIndex: 0, role: 'region', 'aria-label': `${label}, scrolls` } : {})}
    >
      {children}
    </div>
  );
}
