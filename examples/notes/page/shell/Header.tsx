import { Brand } from './Brand.tsx';
import { SaveBadge } from './SaveBadge.tsx';
import { WhoAmI } from './WhoAmI.tsx';

export function Header({ onRename }: { onRename(name: string): boolean }) {
  return (
    <header className="header">
      <Brand />
      <div className="header-end">
        <SaveBadge />
        <WhoAmI onRename={onRename} />
      </div>
    </header>
  );
}
