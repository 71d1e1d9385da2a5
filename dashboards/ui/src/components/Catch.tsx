import { Component, type ErrorInfo, type ReactNode } from 'react';
import { Failed } from './State';

interface State {
  error: Error | null;
}

/** A page that breaks says so; the navigation around it stays. */
export class Catch extends Component<{ children: ReactNode }, State> {
  override state: State = { error: null };

  static getDerivedStateFromError(error: unknown): State {
    return { error: error instanceof Error ? error : new Error(String(error)) };
  }

  override componentDidCatch(error: unknown, info: ErrorInfo): void {
    console.error('a page could not be drawn', error, info.componentStack);
  }

  override render(): ReactNode {
    const { error } = this.state;
    if (error === null) return this.props.children;
    return (
      <main className="main">
        <p className="sentence" data-testid="sentence">
          This page could not be drawn.
        </p>
        <Failed error={error} retry={() => this.setState({ error: null })} />
      </main>
    );
  }
}
