/** `npm start`: the set-up, then the embedded demo until it is interrupted. */
import { setUpOrExit } from './setup.mjs';

await setUpOrExit();
await import('../dist/demo/start.js');
