/** The package brings no types; this is the part that the demo uses. */
declare module 'oidc-provider' {
  import type { IncomingMessage, ServerResponse } from 'node:http';

  export interface AccessToken {
    readonly scope?: string;
    readonly clientId?: string;
    /** Whose it is, where it is a person's. */
    readonly accountId?: string;
  }

  /** Where the provider keeps what it must not forget, for one of its kinds of things. */
  export interface Adapter {
    find(id: string): Promise<Record<string, unknown> | undefined>;
    /** @param expiresIn seconds */
    upsert(id: string, payload: Record<string, unknown>, expiresIn: number): Promise<void>;
    findByUid(uid: string): Promise<Record<string, unknown> | undefined>;
    consume(id: string): Promise<void>;
    destroy(id: string): Promise<void>;
    revokeByGrantId(grantId: string): Promise<void>;
  }

  export interface Account {
    readonly accountId: string;
    readonly claims: () => Readonly<Record<string, unknown>>;
  }

  export interface ResourceServer {
    readonly scope: string;
    readonly audience?: string;
    readonly accessTokenFormat: 'jwt' | 'opaque';
    readonly jwt: { readonly sign: { readonly alg: string } };
  }

  export interface Configuration {
    readonly adapter: (model: string) => Adapter;
    readonly clients: readonly Readonly<Record<string, unknown>>[];
    readonly jwks: { readonly keys: readonly Readonly<Record<string, unknown>>[] };
    readonly cookies: { readonly keys: readonly string[] };
    readonly responseTypes: readonly string[];
    readonly scopes: readonly string[];
    readonly findAccount: (context: unknown, id: string) => Account | undefined;
    readonly interactions: {
      readonly url: (context: unknown, interaction: { readonly uid: string }) => string;
    };
    /** What is shown where nobody can be sent back. */
    readonly renderError: (
      context: { type: string; body: string },
      problem: { readonly error: string; readonly error_description?: string },
    ) => void;
    readonly pkce: { readonly required: () => boolean };
    /** Seconds. */
    readonly ttl: Readonly<
      Record<'AccessToken' | 'AuthorizationCode' | 'IdToken' | 'Interaction' | 'Grant' | 'Session', number>
    > & {
      readonly ClientCredentials: (context: unknown, token: AccessToken) => number;
    };
    readonly extraTokenClaims: (context: unknown, token: AccessToken) => Readonly<Record<string, unknown>>;
    readonly features: {
      readonly clientCredentials: { readonly enabled: boolean };
      readonly devInteractions: { readonly enabled: boolean };
      readonly userinfo: { readonly enabled: boolean };
      readonly rpInitiatedLogout: { readonly enabled: boolean };
      readonly resourceIndicators: {
        readonly enabled: boolean;
        readonly defaultResource: () => string;
        readonly getResourceServerInfo: (context: unknown, resource: string) => ResourceServer;
      };
    };
  }

  export class Provider {
    constructor(issuer: string, configuration: Configuration);
    callback(): (request: IncomingMessage, response: ServerResponse) => void;
    /** @throws SessionNotFound where the browser has no such sign-in under way */
    interactionDetails(
      request: IncomingMessage,
      response: ServerResponse,
    ): Promise<{ readonly params: { readonly client_id: string } }>;
    interactionFinished(
      request: IncomingMessage,
      response: ServerResponse,
      result: object,
      options: { readonly mergeWithLastSubmission: boolean },
    ): Promise<void>;
    readonly Grant: new (of: {
      readonly accountId: string;
      readonly clientId: string;
    }) => Grant;
  }

  /** What somebody lets a client do. */
  export interface Grant {
    addOIDCScope(scope: string): void;
    save(): Promise<string>;
  }

  export const errors: { readonly InvalidTarget: new () => Error; readonly SessionNotFound: new () => Error };
}
