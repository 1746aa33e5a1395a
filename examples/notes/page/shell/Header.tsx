import { Brand } from './Brand.tsx';
import { SaveBadge } from './SaveBadge.tsx';
import { WhoAmI } from './WhoAmI.tsx';

interface Props {
  name: string;
  onRename(name: string): boolean;
}

export function Header({ name, onRename }: Props) {
  return (
    <header className="header">
      <Brand />
      <div className="header-end">
        <SaveBadge />
        <WhoAmI name={name} onRename={onRename} />
      </div>
    </header>
  );
}
