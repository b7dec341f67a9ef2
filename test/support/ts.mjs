// `node --import ./test/support/ts.mjs FILE.ts`: runs TypeScript scripts on every Node we support (Node 20 cannot strip types). Types are not checked here; `npm run types` does.
import { register } from 'node:module';

register('./ts-hooks.mjs', import.meta.url);
