import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import test, { after } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { ROOT } from './support/runtime.ts';

const home = mkdtempSync(join(tmpdir(), 'motion-manga-start-'));
after(() => rmSync(home, { recursive: true, force: true }));

/** Runs `npm start`'s script until it prints a line that matches, then Ctrl-C. @returns its lines */
async function startUntil(expected: RegExp, before?: (line: string) => void): Promise<string[]> {
  const child = spawn(process.execPath, [join(ROOT, 'scripts', 'start.ts')], {
    env: { ...process.env, MOTION_MANGA_HOME: home, PORT: '0' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  const lines: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    lines.push(line);
    before?.(line);
    if (expected.test(line)) child.kill('SIGINT');
  }
  const [code] = await exited;
  assert.equal(code, 0, lines.join('\n'));
  assert.match(lines.join('\n'), expected);
  return lines;
}

function lives(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

test('the first start makes a clip of the sample photo and says where; Ctrl-C ends all', {
  timeout: 120_000,
}, async () => {
  const sessions: number[] = [];
  const lines = await startUntil(/first clip is there/, (line) => {
    // Only Linux tells a process's children.
    if (process.platform !== 'linux' || !line.includes('[manga-session')) return;
    const children = readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8').trim();
    for (const child of children.split(' ')) {
      sessions.push(
        ...readFileSync(`/proc/${child}/task/${child}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number),
      );
    }
  });
  const text = lines.join('\n');
  assert.match(text, /editor +http:\/\/127\.0\.0\.1:[1-9]\d+\//);
  assert.ok(text.includes(join(home, 'inbox')) && text.includes(join(home, 'outbox')));
  assert.deepEqual(readdirSync(join(home, 'outbox')).sort(), ['nagasaki.mp4', 'nagasaki.mp4.json']);
  if (process.platform === 'linux') assert.ok(sessions.length > 0);
  // The decoder's process ends when it hears that Node-RED has gone: a moment later.
  for (let left = 100; left > 0 && sessions.some(lives); left--) await pause(20);
  assert.deepEqual(sessions.filter(lives), [], 'every process is gone');
});

test("a later start keeps the user's flow and does not bring the sample back", async () => {
  const flows = join(home, 'flows.json');
  const own = [{ id: 'mine', type: 'tab', label: 'my own' }];
  writeFileSync(flows, JSON.stringify(own));
  rmSync(join(home, 'inbox', 'done'), { recursive: true, force: true });
  await startUntil(/Started flows/);
  assert.deepEqual(JSON.parse(readFileSync(flows, 'utf8')), own);
  assert.deepEqual(
    readdirSync(join(home, 'inbox')).filter((name) => name.endsWith('.jpg')),
    [],
  );
});
