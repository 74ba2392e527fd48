import { useSignal } from '@preact/signals';
import { CheckIcon, CopyIcon } from '../parts/icons.tsx';
import { copyText } from '../state/copy-text.ts';
import { session } from '../state/session.ts';

/** How to start a worker; where access is closed it shows who it is. */
function commandsFor(endpoint: string, isClosed: boolean): readonly string[] {
  const start = `faafo-worker --endpoint-url ${endpoint} --transport-url amqp://USER:PASSWORD@BROKER:5672/`;
  if (!isClosed) return [start];
  return ['faafo token create worker-1 --role worker > worker.token', `${start} --token-file worker.token`];
}

/** Where none is alive. */
export function NoWorkers() {
  const commands = commandsFor(location.origin, session.value?.access === 'closed');
  return (
    <section class="no-workers" aria-labelledby="no-workers-title">
      <h2 id="no-workers-title">No worker is alive</h2>
      <p>What is ordered waits, and nothing is lost. On any machine that reaches this service and its broker, say:</p>
      {commands.map((command) => (
        <Command key={command} text={command} />
      ))}
    </section>
  );
}

function Command({ text }: { text: string }) {
  const copied = useSignal(false);
  const copy = async (): Promise<void> => {
    copied.value = await copyText(text);
  };
  return (
    <p class="command">
      <code>{text}</code>
      <button type="button" class="button quiet" onClick={copy} aria-label={copied.value ? 'Copied' : 'Copy this command'}>
        {copied.value ? <CheckIcon /> : <CopyIcon />}
      </button>
    </p>
  );
}
