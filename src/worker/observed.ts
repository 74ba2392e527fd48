import type { Dispatcher } from '../domain/dispatcher.ts';

type Call<Words extends unknown[], Answer> = (...words: Words) => Promise<Answer>;

/** The same dispatcher. @param observe told how each call ended: null when it was answered, else what it threw */
export function observed(dispatcher: Dispatcher, observe: (error: unknown) => void): Dispatcher {
  const observing =
    <Words extends unknown[], Answer>(call: Call<Words, Answer>): Call<Words, Answer> =>
    async (...words) => {
      try {
        const answer = await call.apply(dispatcher, words);
        observe(null);
        return answer;
      } catch (error) {
        observe(error);
        throw error;
      }
    };
  return {
    claim: observing(dispatcher.claim),
    renew: observing(dispatcher.renew),
    deliver: observing(dispatcher.deliver),
    deliverAll: observing(dispatcher.deliverAll),
    release: observing(dispatcher.release),
    fail: observing(dispatcher.fail),
    report: observing(dispatcher.report),
  };
}
