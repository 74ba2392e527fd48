import { describe, expect, it } from 'vitest';
import { composeEnv, readCompose } from './support/compose-file.ts';

describe('compose.yaml', () => {
  it('is one of the Compose specification, with passwords that are new each time', async () => {
    const env = await composeEnv();
    expect(env).toMatch(/^POSTGRES_PASSWORD=[0-9a-f]{48}\nRABBITMQ_PASSWORD=[0-9a-f]{48}\n$/);
    expect(await composeEnv()).not.toBe(env);
    const { status, said, services } = await readCompose(env);
    expect([status, said]).toEqual([0, '']);
    expect(Object.keys(services).sort()).toEqual(['api', 'postgres', 'rabbitmq', 'tokens', 'worker']);
    const [, postgres, rabbitmq] = /=(.*)\n.*=(.*)\n/.exec(env)!;
    expect(services.api!.environment).toMatchObject({
      FAAFO_DATABASE_URL: `postgresql://faafo:${postgres}@postgres:5432/faafo`,
      FAAFO_TRANSPORT_URL: `amqp://faafo:${rabbitmq}@rabbitmq:5672/faafo`,
    });
  });

  it('says what is missing when there are no passwords', async () => {
    const { status, said } = await readCompose('');
    expect([status, said]).toEqual([1, expect.stringContaining('run sh deploy/compose-env.sh >.env first')]);
  });

  it('gives our programs no right that they do not need, tells workers nothing of the database, and lets people in at the API alone', async () => {
    const { services } = await readCompose(await composeEnv());
    for (const name of ['api', 'worker', 'tokens']) {
      expect(services[name]).toMatchObject({ read_only: true, cap_drop: ['ALL'], security_opt: ['no-new-privileges:true'] });
    }
    expect(Object.keys(services.worker!.environment)).not.toContain('FAAFO_DATABASE_URL');
    expect(Object.entries(services).flatMap(([name, { ports = [] }]) => ports.map(({ target }) => [name, target]))).toEqual([
      ['api', 8080],
    ]);
  });

  it('starts each after what it stands on', async () => {
    const { services } = await readCompose(await composeEnv());
    const needsOf = (name: string) =>
      Object.entries(services[name]!.depends_on ?? {}).map(([on, { condition }]) => `${on} ${condition}`);
    expect(needsOf('tokens')).toEqual(['postgres service_healthy']);
    expect(needsOf('api')).toEqual([
      'postgres service_healthy',
      'rabbitmq service_healthy',
      'tokens service_completed_successfully',
    ]);
    expect(needsOf('worker')).toEqual(['api service_healthy']);
  });
});
