/** `npm run tour`: the set-up, then the guided tour. */
import { setUpOrExit } from './setup.mjs';

await setUpOrExit();
await import('../dist/demo/tour.js');
