import type { CommandOutcome } from '../../protocol/outcome.ts';
import type { ChannelRequest } from '../connection/channels.ts';
import type { TextTarget } from '../connection/textTarget.ts';
import type { AggregateAddress } from '../fields/aggregateSubscription.ts';
import type { StoredCommand } from './storedRecords.ts';

/** Those that are about one aggregate. */
export type AddressedMessage = Exclude<TabMessage, { type: 'joined' | 'present' }>;

/** What the pages that share a storage tell each other. Plain data, of the same version of the SDK. */
export type TabMessage =
  /** A page has come; those that are there say so. All watch each other from then on. */
  | { readonly type: 'joined'; readonly tab: string }
  | { readonly type: 'present'; readonly tab: string }
  /** A command is on the device; also from the page that takes it over. */
  | { readonly type: 'asked'; readonly command: StoredCommand }
  /** A command was answered. */
  | {
      readonly type: 'answered';
      readonly address: AggregateAddress;
      readonly key: string;
      readonly outcome: CommandOutcome;
    }
  /** Writes in conflict were given up, without a command. */
  | {
      readonly type: 'conflict-closed';
      readonly address: AggregateAddress;
      readonly keys: readonly string[];
    }
  /** An edit of a text, made while its page had no synchronised channel for it. */
  | { readonly type: 'text-edited'; readonly target: ChannelRequest; readonly update: Uint8Array }
  /** The rescue copy of a text was dismissed. */
  | { readonly type: 'text-dismissed'; readonly target: TextTarget }
  /** A page has opened a text, and wants what others have of it: they answer with `text-edited`. */
  | { readonly type: 'text-wanted'; readonly target: ChannelRequest; readonly stateVector: Uint8Array };

/** The other pages of this origin that share a storage. */
export type TabLink = {
  /** To every other page; nothing comes back to this one. */
  post(message: TabMessage): void;
  /** Messages of other pages. Returns what ends it. */
  listen(listener: (message: TabMessage) => void): () => void;
  /**
   * Calls back once, when a page is gone: closed, crashed, or reloaded. At once where it is gone already. Returns what stops
   * waiting. Where pages cannot be watched every other page counts as gone: the server applies each command once.
   */
  whenGone(tab: string, callback: () => void): () => void;
};
