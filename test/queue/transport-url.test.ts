import { describe, expect, it } from 'vitest';
import { Fault } from '../../src/domain/fault.ts';
import { parseTransportUrl } from '../../src/queue/transport-url.ts';

describe('a transport URL', () => {
  it('has defaults for all but the host', () => {
    expect(parseTransportUrl('amqp://mq.example')).toEqual({
      hostname: 'mq.example',
      port: 5672,
      username: 'guest',
      password: 'guest',
      vhost: '/',
      tls: false,
      caFile: null,
      heartbeat: 10,
    });
    expect(parseTransportUrl('amqps://mq.example')).toMatchObject({ port: 5671, tls: true });
  });

  it('names every part', () => {
    const url = 'amqps://fa%40afo:p%2Fw%25@[::1]:5555/a%2Fb?cacertfile=/etc/ca.pem&heartbeat=30';
    expect(parseTransportUrl(url)).toEqual({
      hostname: '::1',
      port: 5555,
      username: 'fa@afo',
      password: 'p/w%',
      vhost: 'a/b',
      tls: true,
      caFile: '/etc/ca.pem',
      heartbeat: 30,
    });
    expect(parseTransportUrl('amqp://faafo@h').password).toBe('');
  });

  it.each(['', '/', '//', '/%2F', '/%2f'])('means the virtual host / by the path "%s"', (path) => {
    expect(parseTransportUrl(`amqp://h${path}`).vhost).toBe('/');
  });

  it.each([
    ['', /no URL/],
    ['localhost', /no URL/],
    ['amqp://u:xq/zx@h/', /%2F for \/ in a password/],
    ['amqp://h:70000/', /no URL/],
    ['http://h/', /http:\/\/ is no queue/],
    ['amqp:///vhost', /no host/],
    ['amqp://h1,h2/', /one host/],
    ['amqp://h:0/', /Port 0/],
    ['amqp://h/a/b', /%2F for each \//],
    ['amqp://u:xq%zx@h/', /%25 for the character/],
    ['amqp://h/#v', /%23 for #/],
    ['amqp://h/?vhost=a', /option vhost is not known/],
    ['amqp://h/?cacertfile=/ca.pem', /with TLS only/],
    ['amqps://h/?cacertfile=', /names no file/],
    ['amqp://h/?heartbeat=0', /1 to 3600/],
    ['amqp://h/?heartbeat=ten', /1 to 3600/],
  ])('is refused with a sentence: %s', (url, sentence) => {
    const parse = () => parseTransportUrl(url);
    expect(parse).toThrow(Fault);
    expect(parse).toThrow(sentence);
    expect(parse).not.toThrow(/xq|zx/);
  });
});
