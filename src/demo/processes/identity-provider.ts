/** The demo's identity provider as a process of its own: `node identity-provider.js STATE_DIRECTORY` */
import { startIdentityProvider } from '../identity-provider.js';
import { readState } from '../state.js';
import { stopWithParent } from './parent.js';

const { ports, audience, gateway, secrets } = await readState(process.argv[2] ?? '');
const provider = await startIdentityProvider({
  port: ports['identity-provider'],
  audience,
  gateway,
  secrets,
});
stopWithParent(provider.close);
