import { describeThrown, shapeCheck, withinTime } from '../../domain/index.js';
import { fetchDocument } from '../document.js';
import { readJsonObject } from '../json-object.js';

/** How long what a provider says of itself is believed. */
const METADATA_LIFE_MILLISECONDS = 600_000;

/** What an OpenID provider says of itself (OpenID Connect Discovery 1.0, section 3), as far as a sign-in needs it. */
export interface ProviderMetadata {
  readonly authorization_endpoint: string;
  readonly token_endpoint: string;
  /** Whether each of its answers names it (RFC 9207, section 3). */
  readonly authorization_response_iss_parameter_supported?: boolean;
}

const isMetadata = shapeCheck<ProviderMetadata>({
  type: 'object',
  required: ['authorization_endpoint', 'token_endpoint'],
  properties: {
    authorization_endpoint: { type: 'string' },
    token_endpoint: { type: 'string' },
    authorization_response_iss_parameter_supported: { type: 'boolean' },
  },
});

/** An OpenID provider, found by its discovery document when it is first needed. */
export class Provider {
  readonly #issuer: string;
  readonly #milliseconds: number;
  readonly #closing = new AbortController();
  #known: { readonly metadata: ProviderMetadata; readonly until: number } | undefined;

  /** @param milliseconds how long one request to it may take */
  constructor(issuer: string, milliseconds: number) {
    this.#issuer = issuer;
    this.#milliseconds = milliseconds;
  }

  /** @throws Error for an operator */
  async metadata(): Promise<ProviderMetadata> {
    if (this.#known !== undefined && Date.now() < this.#known.until) return this.#known.metadata;
    const url = `${this.#issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
    const document = readJsonObject(await this.#fetch(url, {}));
    if (document['issuer'] !== this.#issuer) throw new Error(`${url} is the document of another issuer`);
    if (!isMetadata(document)) throw new Error(isMetadata.problem(url));
    const { authorization_endpoint: authorization } = document;
    if (!URL.canParse(authorization) || !/^https?:$/.test(new URL(authorization).protocol))
      throw new Error(`${url} names no usable authorization endpoint`);
    if (this.#issuer.startsWith('https:') && !authorization.startsWith('https:'))
      throw new Error(`${url} names an authorization endpoint that is not https`);
    this.#known = { metadata: document, until: Date.now() + METADATA_LIFE_MILLISECONDS };
    return document;
  }

  /**
   * Asks for the tokens of an authorization code (OpenID Connect Core 1.0, section 3.1.3).
   *
   * @throws Error for an operator, without anything of what was sent or answered but the status
   */
  async tokens(headers: Record<string, string>, form: URLSearchParams): Promise<Tokens> {
    const { token_endpoint: endpoint } = await this.metadata();
    const bytes = await this.#fetch(endpoint, { method: 'POST', headers, body: form });
    const answer = readAnswer(bytes);
    if (isTokens(answer)) return answer;
    throw new Error(`${endpoint} answered without an ID token`);
  }

  close(): void {
    this.#closing.abort();
  }

  #fetch(url: string, request: Pick<RequestInit, 'method' | 'headers' | 'body'>): Promise<Uint8Array> {
    return withinTime(this.#milliseconds, this.#closing.signal, (signal) =>
      fetchDocument(url, this.#issuer, request, signal),
    );
  }
}

export interface Tokens {
  readonly id_token: string;
  readonly access_token?: string;
}

const isTokens = shapeCheck<Tokens>({
  type: 'object',
  required: ['id_token'],
  properties: { id_token: { type: 'string' }, access_token: { type: 'string' } },
});

function readAnswer(bytes: Uint8Array): unknown {
  try {
    return readJsonObject(bytes);
  } catch (thrown) {
    throw new Error(`the token endpoint's answer cannot be read: ${describeThrown(thrown)}`, {
      cause: thrown,
    });
  }
}
