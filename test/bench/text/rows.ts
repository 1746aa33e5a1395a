import type { Options } from './options.ts';
import type { Peer, PeerName } from './peers.ts';

/** One peer's figures in one round, by name; a name that is missing could not be measured there. */
export type Figures = Readonly<Partial<Record<string, number>>>;

export type RowFigures = {
  readonly peer: PeerName;
  /** One entry a round: those of the same index were measured in turn. */
  readonly rounds: readonly Figures[];
};

export type RowContext = {
  readonly options: Options;
  readonly peers: readonly Peer[];
  /** What has to be ended or removed when the row is over. */
  readonly resources: DisposableStack;
  /** Arguments of Node for this peer's server. */
  readonly nodeArgsOf: (peer: Peer) => readonly string[];
};

/** Measures all in alternating rounds; every second one backwards, so that nobody is always the first. */
export async function measureInTurns<Subject extends { readonly peer: Peer }>(
  subjects: readonly Subject[],
  rounds: number,
  measure: (subject: Subject, round: number) => Promise<Figures>,
): Promise<RowFigures[]> {
  const figures = new Map<PeerName, Figures[]>(subjects.map(({ peer }) => [peer.name, []]));
  for (let round = 0; round < rounds; round += 1) {
    for (const subject of round % 2 === 0 ? subjects : subjects.toReversed()) {
      figures.get(subject.peer.name)?.push(await measure(subject, round));
    }
  }
  return subjects.map(({ peer }) => ({ peer: peer.name, rounds: figures.get(peer.name) ?? [] }));
}
