import { Header } from './shell/Header.tsx';
import { ConnectionBanner } from './shell/ConnectionBanner.tsx';
import { NoticeList } from './shell/NoticeList.tsx';
import { NoteList } from './list/NoteList.tsx';
import { NotePane } from './note/NotePane.tsx';
import { useRoute } from './route.ts';

interface Props {
  name: string;
  onRename(name: string): boolean;
}

export function App({ name, onRename }: Props) {
  const route = useRoute();
  return (
    <div className="app" data-screen={route.screen === 'list' ? 'list' : 'note'}>
      <Header name={name} onRename={onRename} />
      <ConnectionBanner />
      <div className="panes">
        <NoteList openId={route.screen === 'note' ? route.id : undefined} />
        <NotePane route={route} />
      </div>
      <NoticeList />
    </div>
  );
}
