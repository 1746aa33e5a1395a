/** Thrown through Yjs' decoding, which knows no other way to stop. */
export class UpdateRefusal extends Error {
  readonly outcome: 'malformed' | 'too-big';

  constructor(outcome: 'malformed' | 'too-big', detail: string) {
    super(detail);
    this.outcome = outcome;
  }
}
