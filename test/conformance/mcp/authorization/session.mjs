/** A client's way to its first answer, with whoever signs in for it. */

/**
 * Connects, lists the tools and calls one. What still needs a sign-in after one is given up: a server that is never content
 * would have somebody sign in for ever.
 *
 * @param {import('./sdk.mjs').Sdk} sdk
 * @param {string} url
 * @param {object} authProvider
 * @param {{tool: string, fetch?: typeof globalThis.fetch}} call
 * @returns what the tool answered
 */
export async function callThrough(sdk, url, authProvider, { tool, fetch }) {
  const session = new Session(sdk, url, { authProvider, ...(fetch && { fetch }) });
  try {
    await session.ask((client) => client.listTools());
    return await session.ask((client) => client.callTool({ name: tool, arguments: {} }));
  } finally {
    await session.close();
  }
}

/** A connection, and who signs in for it. */
class Session {
  #sdk;
  #url;
  #options;
  #client;
  #transport;

  constructor(sdk, url, options) {
    this.#sdk = sdk;
    this.#url = new URL(url);
    this.#options = options;
  }

  /** @param {(client: object) => Promise<object>} request */
  async ask(request) {
    if (this.#client === undefined) await this.#withSignIn(() => this.#connect());
    return this.#withSignIn(() => request(this.#client));
  }

  async #connect() {
    this.#transport = this.#sdk.newTransport(this.#url, this.#options);
    const client = this.#sdk.newClient();
    await client.connect(this.#transport);
    this.#client = client;
  }

  async #withSignIn(attempt) {
    try {
      return await attempt();
    } catch (error) {
      const { authProvider } = this.#options;
      const { answer } = authProvider;
      if (!this.#sdk.wantsSignIn(error) || answer === undefined) throw error;
      authProvider.answer = undefined;
      await this.#sdk.finish(this.#transport, answer);
      return attempt();
    }
  }

  async close() {
    await this.#client?.close();
  }
}
