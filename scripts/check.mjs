/** `npm run check`: the set-up, then the checks that need no running program: types, style, policies. */
import { setUpOrExit } from './setup.mjs';
import { runSuites, STATIC_SUITES } from './suites.mjs';

await setUpOrExit();
await runSuites(STATIC_SUITES);
