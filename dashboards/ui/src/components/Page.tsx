import { useEffect, type ReactNode } from 'react';

interface PageProps {
  title: string;
  sentence: ReactNode;
  aside?: ReactNode;
  children: ReactNode;
}

/** A figure and its per cent sign stay on one line. */
const tied = (sentence: ReactNode): ReactNode =>
  typeof sentence === 'string' ? sentence.replace(/(\d) %/g, '$1\u00a0%') : sentence;

/** Every page opens with one sentence that answers. */
export function Page({ title, sentence, aside, children }: PageProps): ReactNode {
  useEffect(() => {
    document.title = `${title} - Headroom`;
  }, [title]);
  return (
    <main className="main" id="main">
      <div className="opening">
        <h1>{title}</h1>
        <p className="sentence" data-testid="sentence" aria-live="polite">
          {tied(sentence)}
        </p>
        {aside}
      </div>
      {children}
    </main>
  );
}

interface SectionProps {
  title: string;
  note?: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
  id?: string;
}

export function Section({ title, note, actions, children, id }: SectionProps): ReactNode {
  return (
    <section className="section" aria-label={title} data-testid={id}>
      <header>
        <h2>{title}</h2>
        {note !== undefined && <span className="quiet small">{note}</span>}
        {actions !== undefined && <span className="row grow">{actions}</span>}
      </header>
      {children}
    </section>
  );
}

interface FigureProps {
  label: string;
  value: ReactNode;
  note?: ReactNode;
  how?: string;
  tone?: string;
}

/** One figure with its unit; `how` says on hover how it was computed. */
export function Figure({ label, value, note, how, tone = '' }: FigureProps): ReactNode {
  return (
    <div className="figure" title={how}>
      <dt>{label}</dt>
      <dd className={tone}>{value}</dd>
      {note !== undefined && <dd className="note">{note}</dd>}
    </div>
  );
}

export const Figures = ({ children }: { children: ReactNode }): ReactNode => <dl className="figures">{children}</dl>;
