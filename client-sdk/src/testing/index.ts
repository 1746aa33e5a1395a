/**
 * People, a network and a server in one process, for tests.
 *
 * @module @weft/client/testing
 */

export {
  createTestWorld,
  type TestWorld,
  type TestWorldOptions,
  type WorldFrame,
} from './createTestWorld.ts';
export type { Person, PersonOptions } from './person.ts';
