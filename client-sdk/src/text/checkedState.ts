import { isRecord } from './isRecord.ts';
import { toPeerUser } from './peer.ts';
import { toSelection } from './position.ts';

/**
 * An awareness state as it may be handed to an editor binding, which writes the user's colour into a style attribute and
 * resolves the cursor without a look at it: one peer's nonsense would end everybody's cursors by an exception. What else
 * is in the state is the application's own. Null means that the peer has left.
 */
export function toCheckedState(state: unknown, root: string): object | null {
  if (state === null) return null;
  if (!isRecord(state)) return {};
  const user = toPeerUser(state.user);
  return {
    ...state,
    user: user && { ...(state.user as object), ...user },
    cursor: toSelection(state.cursor, root),
  };
}
