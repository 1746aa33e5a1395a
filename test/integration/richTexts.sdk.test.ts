import { createClient } from '@weft/client';
import { defineAggregate, richText, text } from '@weft/client/protocol';
import { expect, onTestFinished, test } from 'vitest';
import * as Y from 'yjs';
import { call } from '../support/httpClient.ts';
import { startTestServer } from '../support/testServer.ts';
import { until } from '../support/until.ts';

const page = defineAggregate('page', { fields: {}, text: { body: richText(), summary: text() } });

/** A page that is there, and what opens it for somebody. */
async function setUp() {
  const server = await startTestServer({ aggregates: [page] });
  await call(`${server.url}/api/page/home`, 'PUT', { body: {} });
  const open = (name: string) => {
    const weft = createClient({ url: server.url, aggregates: [page], token: name });
    onTestFinished(() => weft.close());
    return weft.page('home');
  };
  return { server, open };
}

function createParagraph(words: string): Y.XmlElement {
  const paragraph = new Y.XmlElement('paragraph');
  paragraph.insert(0, [new Y.XmlText(words)]);
  return paragraph;
}

test('[RIC3] two people edit a rich text by their handles, and a plain one beside it', async () => {
  const { server, open } = await setUp();
  const [ada, ben] = [open('Ada'), open('Ben')];
  const [adaBody, benBody] = [ada.text('body'), ben.text('body')];
  await Promise.all([adaBody.whenSynced(), benBody.whenSynced()]);
  adaBody.yxml.insert(0, [createParagraph('by Ada')]);
  await until(() => benBody.yxml.length === 1, { describe: 'Ada’s paragraph' });
  benBody.yxml.insert(1, [createParagraph('by Ben')]);
  ben.text('summary').ytext.insert(0, 'two paragraphs');
  await until(() => adaBody.yxml.length === 2, { describe: 'Ben’s paragraph' });
  adaBody.undo.undo();
  await until(() => benBody.yxml.toString() === '<paragraph>by Ben</paragraph>', {
    describe: 'what Ada has not undone',
  });
  await until(() => ada.saveState.status === 'saved' && ben.saveState.status === 'saved', {
    describe: 'everything saved',
  });
  const summary = await call(`${server.url}/api/page/home/texts/summary`, 'GET');
  expect(summary.text).toBe('two paragraphs');
});
