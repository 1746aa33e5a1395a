import './withoutEval.ts';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './App.tsx';
import { warnBeforeLeaving } from './session/warnBeforeLeaving.ts';
import { loadName } from './session/personName.ts';
import { createSessions } from './session/sessions.ts';
import './styles/tokens.css';
import './styles/base.css';
import './styles/shell.css';
import './styles/header.css';
import './styles/list.css';
import './styles/note.css';
import './styles/editor.css';
import './styles/dialog.css';

const root = document.getElementById('root');
if (!root) throw new Error('index.html has no #root');
const sessions = createSessions(loadName());
warnBeforeLeaving(sessions);
createRoot(root).render(
  <StrictMode>
    <App sessions={sessions} />
  </StrictMode>,
);
