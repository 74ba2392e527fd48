import type { Cloud } from './clouds.ts';

/**
 * What Keystone is asked for a token with.
 * Source: https://docs.openstack.org/api-ref/identity/v3/#authentication-and-token-management
 */
export function loginOf({ authType, auth }: Cloud): object {
  const identity = identityOf(authType, auth);
  // An application credential belongs to one project already.
  const scope = authType === 'applicationcredential' ? undefined : scopeOf(auth);
  return { auth: { identity, ...(scope && { scope }) } };
}

type Auth = Cloud['auth'];

function identityOf(authType: Cloud['authType'], auth: Auth): object {
  if (authType === 'token') return { methods: ['token'], token: { id: auth.token } };
  if (authType === 'password') return { methods: ['password'], password: { user: { ...userOf(auth), password: auth.password } } };
  const { application_credential_id: id, application_credential_name: name, application_credential_secret: secret } = auth;
  return {
    methods: ['application_credential'],
    application_credential: id ? { id, secret } : { name, secret, user: userOf(auth) },
  };
}

function userOf(auth: Auth): object {
  if (auth.user_id) return { id: auth.user_id };
  return { name: auth.username ?? auth.user_name, domain: domainOf(auth, 'user_domain') };
}

function scopeOf(auth: Auth): object | undefined {
  if (auth.project_id) return { project: { id: auth.project_id } };
  if (auth.project_name) return { project: { name: auth.project_name, domain: domainOf(auth, 'project_domain') } };
  if (auth.system_scope === 'all') return { system: { all: true } };
  if (auth.domain_id) return { domain: { id: auth.domain_id } };
  return auth.domain_name ? { domain: { name: auth.domain_name } } : undefined;
}

/** Who says nothing means the domain that every cloud has. */
function domainOf(auth: Auth, which: 'user_domain' | 'project_domain'): object {
  const [id, name] = [auth[`${which}_id`] ?? auth.domain_id, auth[`${which}_name`] ?? auth.domain_name];
  if (id) return { id };
  if (name) return { name };
  return auth.default_domain_name
    ? { name: auth.default_domain_name }
    : { id: auth.default_domain_id ?? auth.default_domain ?? 'default' };
}
