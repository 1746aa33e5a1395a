import type { User } from '../protocol/user.ts';
import type { Admission } from './connection/refusal.ts';
import type { StorageAccess } from './storage/storageAccess.ts';

export type AdmissionOptions = {
  readonly storage: StorageAccess | undefined;
  /** Who the server last welcomed this client as. */
  readonly knownUser: () => User | undefined;
  /** What waits to be sent. */
  readonly countPending: () => number;
  /** Unique for ever. */
  readonly createKey: () => string;
};

export type ClientAdmission = {
  /** Says why not, where somebody else's commands would go out as this person's. */
  readonly admit: (user: User) => Admission | Promise<Admission>;
  /** The key of a command that is asked for now. */
  readonly createKey: () => string;
};

/** Sees to it that nothing goes out as another person's, and that nobody leaves something in another person's storage. */
export function createAdmission(options: AdmissionOptions): ClientAdmission {
  const { storage, knownUser, countPending } = options;
  // Of the commands that were asked for before the first welcome, or since somebody else signed in.
  const strange = new Set<string>();
  let standing: 'unknown' | 'admitted' | 'refused' = 'unknown';

  function disown(detail: string): string {
    standing = 'refused';
    storage?.opened?.disown([...strange], detail);
    return detail;
  }

  function judge(owner: string | undefined, id: string): Admission {
    if (owner !== undefined && owner !== id)
      return disown(`what is kept here is ${owner}’s, and not ${id}’s`);
    const pending = countPending() > 0 ? knownUser()?.id : undefined;
    if (pending !== undefined && pending !== id) return `what waits here is to be sent by ${pending}`;
    if (standing === 'refused' && strange.size > 0) return `some of what waits here is not ${id}’s`;
    standing = 'admitted';
    strange.clear();
    return undefined;
  }

  return {
    admit: ({ id }) => {
      const owner = storage?.opened?.owner ?? storage?.opened?.claim(id);
      return owner instanceof Promise ? owner.then((claimed) => judge(claimed, id)) : judge(owner, id);
    },
    createKey: () => {
      const key = options.createKey();
      if (standing !== 'admitted') strange.add(key);
      return key;
    },
  };
}
