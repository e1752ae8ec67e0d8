import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { jobs, workerNames } from '../../src/jobs/job-list.js';
import { findPackage } from '../../src/package-root.js';
import { type JobDefinition, workerOf } from '../../src/queue/define-job.js';

const { root } = findPackage();
/** Files of src/jobs that define no job. */
const OTHERS = ['define-job', 'job-list'];

const namesIn = (folder: string): string[] =>
  readdirSync(join(root, folder))
    .map((file) => basename(file, '.ts'))
    .sort();

describe('the list of jobs', () => {
  it('has each job under the name of its file, and no file without a job', () => {
    const files = namesIn('src/jobs').filter((name) => !OTHERS.includes(name));
    expect(jobs.map(({ name }) => name).sort()).toEqual(files);
    for (const { name } of jobs) {
      expect(readFileSync(join(root, 'src/jobs', `${name}.ts`), 'utf8')).toContain(`name: '${name}',`);
    }
  });

  it('has a file in workers/ for each worker process, which runs it', () => {
    expect(namesIn('workers')).toEqual([...workerNames].sort());
    for (const name of workerNames) {
      expect(readFileSync(join(root, 'workers', `${name}.ts`), 'utf8')).toContain(`'${name}');`);
    }
  });

  it('has a service of docker-compose.yml for each worker whose jobs run in a container, and for no other', () => {
    const compose = readFileSync(join(root, 'docker-compose.yml'), 'utf8');
    const services = [...compose.matchAll(/command: \["worker", "([a-z-]+)"\]/g)].map(([, name]) => name);
    const wanted = jobs.filter(({ runsIn }: JobDefinition) => runsIn.includes('container')).map(workerOf);
    expect(services.sort()).toEqual([...new Set(wanted)].sort());
  });

  it('has payloads of plain JSON, and schedules that fit them', () => {
    for (const job of jobs as readonly JobDefinition[]) {
      for (const { payload, everyMs } of Object.values(job.schedule ?? {})) {
        expect(job.payload.parse(JSON.parse(JSON.stringify(payload)))).toEqual(payload);
        expect(everyMs).toBeGreaterThanOrEqual(1_000);
      }
    }
  });
});
