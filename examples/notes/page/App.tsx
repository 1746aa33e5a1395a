import { ConnectionBanner } from './shell/ConnectionBanner.tsx';
import { Header } from './shell/Header.tsx';
import { NoticeList } from './shell/NoticeList.tsx';
import { NoteList } from './list/NoteList.tsx';
import { NotePane } from './note/NotePane.tsx';
import { useRoute } from './route.ts';
import { SessionContext } from './session/SessionContext.ts';
import type { Sessions } from './session/sessions.ts';
import { usePeek } from './useHandle.ts';

export function App({ sessions }: { sessions: Sessions }) {
  const session = usePeek(sessions);
  const route = useRoute();
  return (
    <SessionContext value={session}>
      <div className="app" data-screen={route.screen === 'list' ? 'list' : 'note'}>
        <Header onRename={(name) => sessions.rename(name)} />
        <ConnectionBanner />
        <div className="panes">
          <NoteList openId={route.screen === 'note' ? route.id : undefined} />
          <NotePane route={route} />
        </div>
        <NoticeList />
      </div>
    </SessionContext>
  );
}
