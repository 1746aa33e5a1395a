import Quill from 'quill';
import { QuillBinding } from 'y-quill';
import type { OpenEditor } from './shared.ts';

export const openQuill: OpenEditor = ({ doc, field, awareness, parent }) => {
  // Without `userOnly` its history would take back what others typed.
  const quill = new Quill(parent, { modules: { toolbar: false, history: { userOnly: true } } });
  new QuillBinding(doc.getText(field), quill, awareness);
};
