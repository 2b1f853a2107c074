import { Component, type ReactNode } from "react";
import { ProblemNotice } from "./states.tsx";

/** Keeps the rest of the page standing when a view fails. */
export class ErrorBoundary extends Component<{ children: ReactNode }, { error: unknown }> {
  override state: { error: unknown } = { error: null };
  static getDerivedStateFromError(error: unknown) {
    return { error };
  }
  override render() {
    if (this.state.error === null) return this.props.children;
    return <ProblemNotice error={this.state.error} retry={() => this.setState({ error: null })} />;
  }
}
