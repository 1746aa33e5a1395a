import { expect, onTestFinished, test, vi } from 'vitest';
import { connect } from '../../examples/notes/page/weft.ts';
import { call } from '../support/httpClient.ts';
import { startTestServer } from '../support/testServer.ts';
import { until } from '../support/until.ts';

test('[CHK3] whoever goes on under another name in the notes app writes under another client id', async () => {
  const server = await startTestServer();
  await call(`${server.url}/api/note/n1`, 'PUT', { body: { title: 'Plan' } });
  vi.stubGlobal('location', { origin: server.url });
  onTestFinished(() => void vi.unstubAllGlobals());

  async function writeAs(name: string, write: (body: ReturnType<typeof openBody>) => void) {
    await using weft = connect(name, () => undefined);
    const body = openBody(weft);
    await body.whenSynced();
    write(body);
    await until(() => weft.saveState.peek().status === 'saved', { describe: `${name}’s text to be saved` });
    return body.doc.clientID;
  }

  const ada = await writeAs('Ada', ({ ytext }) => ytext.insert(0, 'by Ada'));
  const grace = await writeAs('Grace', ({ ytext }) => ytext.insert(6, ' and Grace'));
  expect(grace).not.toBe(ada);
  const { text } = await call(`${server.url}/api/note/n1/texts/body`, 'GET');
  expect(text).toBe('by Ada and Grace');
});

function openBody(weft: ReturnType<typeof connect>) {
  return weft.note('n1').text('body');
}
