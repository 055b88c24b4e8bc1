/** The user's part of a sign-in, at a server that asks no questions. */

const MOST_STEPS = 10;

/**
 * Follows an authorization request to the address that the client gave.
 *
 * @param {URL} request
 * @param {string} redirectUrl
 * @returns {Promise<URLSearchParams>} what the client is told there
 */
export async function signIn(request, redirectUrl) {
  const cookies = new Map();
  let url = request;
  for (let step = 0; step < MOST_STEPS; step += 1) {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const answer = await fetch(url, { redirect: 'manual', headers: { cookie } });
    for (const set of answer.headers.getSetCookie()) {
      const [name, value] = set.split(';', 1)[0].split(/=(.*)/s);
      cookies.set(name, value);
    }
    const location = answer.headers.get('location');
    if (location === null) throw new Error(`${url} answered ${answer.status}: ${await answer.text()}`);
    url = new URL(location, url);
    if (url.href.startsWith(redirectUrl)) return url.searchParams;
  }
  throw new Error(`the authorization server goes round in circles, at last to ${url}`);
}
