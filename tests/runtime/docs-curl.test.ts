/** The documents' curl, against a Node-RED of its own: its port is the only thing that differs. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import test, { after, before } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { commandsOf } from '../unit/docs-commands-support.ts';
import { DOCUMENTS } from '../unit/docs-support.ts';
import { around, node } from './support/flow.ts';
import { Runtime } from './support/runtime.ts';

const run = promisify(execFile);
let runtime: Runtime;
before(async () => {
  runtime = await Runtime.start();
});
after(() => runtime.stop());

test('what the photo booth is watched with tells every folder', async () => {
  mkdirSync(join(runtime.userDir, 'in'));
  await runtime.deploy(around(node('hot', 'manga-hot-folder', ['sink'], { inbox: 'in', settle: '0.1' })));
  const calls = DOCUMENTS.flatMap(commandsOf).filter(({ words }) => words[0] === 'curl');
  assert.ok(calls.length > 0);
  for (const { words, where } of calls) {
    const args = words.slice(1).map((word) => word.replace('http://localhost:1880', runtime.url));
    let answer: unknown[] = [];
    // A hot folder opens after the flows have started.
    for (let tries = 0; answer.length === 0 && tries < 100; tries++) {
      if (tries > 0) await sleep(200);
      const { stdout } = await run('curl', ['--fail', '--silent', '--show-error', ...args]);
      answer = JSON.parse(stdout) as unknown[];
    }
    assert.match(JSON.stringify(answer), /"watching":true.*"queued":0.*"done":0/, where);
  }
});
