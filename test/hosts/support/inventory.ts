import type { Host } from './host.ts';

/** Everything on a host that could be left behind, but for what Debian writes down about itself, and what the test puts there. */
const INVENTORY = `
find / -xdev '(' -path /proc -o -path /sys -o -path /dev -o -path /run -o -path /var/cache -o -path /var/lib/apt -o -path /var/lib/dpkg -o -path /var/lib/systemd/deb-systemd-helper-enabled ')' -prune -o -print |
  grep -vE '^/(root/.*sh|tmp|var/log/(apt|dpkg|alternatives).*|etc/(passwd|group|shadow|gshadow|subuid|subgid)-?)$' | grep -v __pycache__
dpkg-query -W -f 'package \${Package} \${Version} \${db:Status-Status}\\n'
sed 's/^/user /' /etc/passwd
sed 's/^/group /' /etc/group
for file in /etc/hosts /etc/haproxy/haproxy.cfg /usr/bin/node /usr/bin/npm; do [ ! -f $file ] || sha256sum $file; done
ls /etc/rc2.d /etc/systemd/system/*.wants`;

/** Files, packages, users, what starts by itself: one line each. @param without files whose path begins with one of these change by themselves */
export async function inventoryOf(host: Host, without: readonly string[] = []): Promise<string[]> {
  const lines = (await host.ask(INVENTORY)).trim().split('\n');
  return [...new Set(lines)].filter((line) => !without.some((path) => line.startsWith(path))).sort();
}

/** What is in one inventory alone. */
export const difference = (before: readonly string[], after: readonly string[]) => ({
  lost: before.filter((line) => !after.includes(line)),
  left: after.filter((line) => !before.includes(line)),
});
