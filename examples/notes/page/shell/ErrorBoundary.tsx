import { Component, type ReactNode } from 'react';

/** In place of a page that has failed: what was written is safe, and a reload is a way out. */
export class ErrorBoundary extends Component<{ children: ReactNode }, { hasFailed: boolean }> {
  override state = { hasFailed: false };
  static getDerivedStateFromError() {
    return { hasFailed: true };
  }
  override render() {
    return this.state.hasFailed ? <Failure /> : this.props.children;
  }
}

function Failure() {
  return (
    <main className="absence" role="alert">
      <h1>This page has failed</h1>
      <p>That is our fault. What you wrote until now is kept and sent. Reload the page to go on.</p>
      <button type="button" className="button primary" onClick={() => location.reload()}>
        Reload
      </button>
    </main>
  );
}
