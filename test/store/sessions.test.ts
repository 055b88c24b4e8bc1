import { freshPath, open } from './stores.js';

const SESSION = {
  upstream: 'payments',
  id: 's1',
  principal_id: 'https://issuer.test|agent',
  protocol_version: '2025-11-25',
  client_name: 'inspector',
  client_version: '1.0',
  opened_at: '2026-01-01T00:00:00.000Z',
};

test('a session is found until it is closed, also by another process', async () => {
  const path = freshPath();
  const [here, there] = [await open(path), await open(path)];
  await here.sessions.open(SESSION);
  expect(await there.sessions.find('payments', 's1')).toEqual(SESSION);
  await there.sessions.close('payments', 's1');
  expect(await here.sessions.find('payments', 's1')).toBeUndefined();
});

test("another upstream's session of the same id is another", async () => {
  const { sessions } = await open();
  await sessions.open(SESSION);
  expect(await sessions.find('tickets', 's1')).toBeUndefined();
  await sessions.close('tickets', 's1');
  expect(await sessions.find('payments', 's1')).toEqual(SESSION);
});

test('an id that is opened again is the new session', async () => {
  const { sessions } = await open();
  await sessions.open(SESSION);
  await sessions.open({ ...SESSION, principal_id: 'https://issuer.test|other' });
  expect(await sessions.find('payments', 's1')).toMatchObject({ principal_id: 'https://issuer.test|other' });
});

test('no character of a text is lost', async () => {
  const { sessions } = await open();
  const session = { ...SESSION, principal_id: 'agent\u0000evil', client_name: 'a\u0000\ud800"\n😀' };
  await sessions.open(session);
  expect(await sessions.find('payments', 's1')).toEqual(session);
});
