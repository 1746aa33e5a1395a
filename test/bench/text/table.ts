import { median } from '../support/statistics.ts';
import { toTable } from '../support/table.ts';
import type { RowName } from './options.ts';
import type { Peer, PeerName } from './peers.ts';
import type { RowFigures } from './rows.ts';

export type Row = {
  readonly name: RowName;
  readonly title: string;
  readonly metrics: readonly Metric[];
};

export type Metric = {
  readonly key: string;
  readonly title: string;
  readonly digits: number;
  readonly goal?: Goal;
};

/** What is wanted of Weft. */
export type Goal =
  | { readonly kind: 'at-most'; readonly limit: number }
  /** Of the relay's figure in the same round. */
  | { readonly kind: 'share-of-relay'; readonly limit: number };

/** All metrics of one row. */
export function reportRow(row: Row, peers: readonly Peer[], figures: readonly RowFigures[]): string {
  return toTable([
    [row.title, ...peers.map(({ title }) => title), 'Weft to relay'],
    ...row.metrics.map(({ key, title, digits }) => [
      title,
      ...peers.map(({ name }) => toText(medianOf(figures, name, key), digits)),
      toText(ratioToRelay(figures, key), 2),
    ]),
  ]);
}

/** What has a goal, of all rows. */
export function reportGoals(
  peers: readonly Peer[],
  rows: readonly { readonly row: Row; readonly figures: readonly RowFigures[] }[],
): string {
  const lines = rows.flatMap(({ row, figures }) =>
    row.metrics.flatMap(({ key, title, digits, goal }) => {
      if (!goal) return [];
      const cells = peers.map(({ name }) => toText(medianOf(figures, name, key), digits));
      return [
        [
          `${row.title}: ${title}`,
          ...cells,
          toText(ratioToRelay(figures, key), 2),
          ...judge(figures, key, goal),
        ],
      ];
    }),
  );
  if (lines.length === 0) return '';
  const head = ['work', ...peers.map(({ title }) => title), 'Weft to relay', 'goal', 'met'];
  return toTable([head, ...lines]);
}

function judge(figures: readonly RowFigures[], key: string, { kind, limit }: Goal): [string, string] {
  const value = kind === 'at-most' ? medianOf(figures, 'weft', key) : ratioToRelay(figures, key);
  const goal = kind === 'at-most' ? `≤ ${limit}` : `≤ ${limit} × relay`;
  if (value === undefined) return [goal, '–'];
  return [goal, value <= limit ? 'yes' : 'no'];
}

function medianOf(figures: readonly RowFigures[], name: PeerName, key: string): number | undefined {
  const values = roundsOf(figures, name).flatMap((round) => round[key] ?? []);
  return values.length === 0 ? undefined : median(values);
}

function ratioToRelay(figures: readonly RowFigures[], key: string): number | undefined {
  const relay = roundsOf(figures, 'relay');
  const ratios = roundsOf(figures, 'weft').flatMap((round, index) => {
    const [ours, theirs] = [round[key], relay[index]?.[key]];
    return ours === undefined || theirs === undefined || theirs === 0 ? [] : ours / theirs;
  });
  return ratios.length === 0 ? undefined : median(ratios);
}

function roundsOf(figures: readonly RowFigures[], name: PeerName) {
  return figures.find(({ peer }) => peer === name)?.rounds ?? [];
}

function toText(value: number | undefined, digits: number): string {
  return value === undefined ? '–' : value.toFixed(digits);
}
