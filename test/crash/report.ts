import type { Tally } from './runCrash.ts';

const MOST_FAULTS_SHOWN = 20;

export function reportProgress({ points, faults, words }: Tally, milliseconds: number): string {
  const pace = (milliseconds / 1000 / points).toFixed(2);
  return `${points} points, ${pace} s each: ${words.acknowledgedWords} words acknowledged, ${faults.length} faults`;
}

export function report(tally: Tally, milliseconds: number, seed: number): string {
  const { points, phases, converged, readBack, faults, frames, titles, words } = tally;
  const hits = [...phases].toSorted().map(([phase, count]) => `${phase} ${count}`);
  return [
    `points        ${points}`,
    `acknowledged  ${frames} update frames, ${words.acknowledgedWords} words, ${words.acknowledgedRemovals} removals, ${titles} titles`,
    `shown         ${words.shownWords} words that others saw before they were called saved`,
    `lost          ${faults.length}`,
    ...faults.slice(0, MOST_FAULTS_SHOWN).map((fault) => `              ${fault}`),
    `converged     ${converged} times, nobody with a gap`,
    `read back     ${readBack} times, every stream`,
    `phases hit    ${hits.join(', ')}`,
    `duration      ${(milliseconds / 1000).toFixed(1)} s, ${(milliseconds / 1000 / points).toFixed(2)} s a point`,
    `seed          ${seed}`,
  ].join('\n');
}
