/** What a cloud has, as far as a deployment concerns: nouns, and the ports that give and change them. Ids are the cloud's own. */

export interface CloudImage {
  readonly id: string;
  readonly name: string;
  /** `active` when it can be booted */
  readonly status: string;
  readonly bytes: number | null;
  readonly minDiskGib: number;
  readonly minMemoryMib: number;
}

export interface CloudFlavor {
  readonly id: string;
  readonly name: string;
  readonly vcpus: number;
  readonly memoryMib: number;
  readonly diskGib: number;
}

/** Of the user who asks, not of the project; its name is its id. */
export interface CloudKeyPair {
  readonly name: string;
  readonly fingerprint: string;
  /** as OpenSSH writes it */
  readonly publicKey: string;
}

export interface CloudNetwork {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  /** floating IPs come from it */
  readonly isExternal: boolean;
  readonly subnetIds: readonly string[];
}

/** Connects subnets with each other, and with the outside. */
export interface CloudRouter {
  readonly id: string;
  readonly name: string;
  readonly description: string;
}

/** A disk that outlives the servers that it is attached to. */
export interface CloudVolume {
  readonly id: string;
  readonly name: string;
  readonly gib: number;
  /** such as creating, available, in-use, error */
  readonly status: string;
  readonly metadata: Readonly<Record<string, string>>;
  /** the server it is attached to, null: to none */
  readonly serverId: string | null;
  /** what the cloud calls it there, such as /dev/vdb; the guest may see it by another name */
  readonly device: string | null;
}

/** Who may reach a port: everybody in a CIDR, or the members of a group. */
export type RuleSource = { readonly cidr: string } | { readonly groupId: string };

export interface CloudRule {
  readonly id: string;
  readonly direction: 'ingress' | 'egress';
  /** null: all */
  readonly protocol: string | null;
  readonly fromPort: number | null;
  readonly toPort: number | null;
  /** null: from everywhere */
  readonly source: RuleSource | null;
}

export interface CloudGroup {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly tags: readonly string[];
  readonly rules: readonly CloudRule[];
}

export interface CloudAddress {
  readonly address: string;
  readonly kind: 'fixed' | 'floating';
  /** name of the network */
  readonly network: string;
}

export interface CloudServer {
  readonly id: string;
  readonly name: string;
  /** such as BUILD, ACTIVE, SHUTOFF, ERROR */
  readonly status: string;
  /** it is being taken away, whatever its status says until then */
  readonly isLeaving: boolean;
  /** why it is in ERROR, where the cloud says so */
  readonly fault: string | null;
  readonly metadata: Readonly<Record<string, string>>;
  readonly addresses: readonly CloudAddress[];
  readonly keyName: string | null;
  readonly flavorName: string;
  readonly imageId: string | null;
  readonly createdAt: string;
}

export interface CloudFloatingIp {
  readonly id: string;
  readonly address: string;
  readonly description: string;
  readonly tags: readonly string[];
  /** what it leads to, null: to nothing */
  readonly portId: string | null;
  readonly fixedAddress: string | null;
}

/** What a server is to be. */
export interface ServerOrder {
  readonly name: string;
  readonly imageId: string;
  readonly flavorId: string;
  readonly networkId: string;
  /** none: the project's `default` */
  readonly groupIds: readonly string[];
  /** null: nobody logs in */
  readonly keyName: string | null;
  readonly metadata: Readonly<Record<string, string>>;
  /** text, as the guest is to get it */
  readonly userData: string;
}

/**
 * Lists are whole, however many pages the cloud makes of them. Everything throws a Fault that names service, call and reason: `unavailable` when there is no answer, `not_found`,
 * `conflict`, `busy` for a quota, `denied`, `invalid`. Whatever makes something throws LostAnswer when nobody knows whether it was made.
 */
export interface CloudImages {
  list(): Promise<readonly CloudImage[]>;
}

export interface CloudFlavors {
  list(): Promise<readonly CloudFlavor[]>;
}

export interface CloudKeyPairs {
  list(): Promise<readonly CloudKeyPair[]>;
  make(name: string, publicKey: string): Promise<CloudKeyPair>;
  /** Also when it is gone already, as everything that is removed here. */
  remove(name: string): Promise<void>;
}

export interface CloudServers {
  list(): Promise<readonly CloudServer[]>;
  /** null when there is none (any more) */
  find(id: string): Promise<CloudServer | null>;
  make(order: ServerOrder): Promise<{ readonly id: string }>;
  /** names of the security groups that let somebody in to it */
  groupsOf(id: string): Promise<readonly string[]>;
  /** Asks its system to end; resolves when the cloud has taken the wish. */
  stop(id: string): Promise<void>;
  remove(id: string): Promise<void>;
  /** what it has written to its console: the last lines */
  log(id: string, lines: number): Promise<string>;
}

export interface CloudNetworks {
  list(): Promise<readonly CloudNetwork[]>;
  /** of its subnets, such as 10.0.0.0/24 */
  cidrsOf(networkId: string): Promise<readonly string[]>;
  /** ports of a server, each with its first address */
  portsOf(serverId: string): Promise<readonly { readonly id: string; readonly address: string; readonly networkId: string }[]>;
  make(name: string, description: string): Promise<{ readonly id: string }>;
  /** Gives it addresses, of which servers get theirs. @param cidr of IPv4, such as 10.0.0.0/24 */
  addSubnet(networkId: string, name: string, cidr: string): Promise<{ readonly id: string }>;
  /** With its subnets. Refused (`conflict`) while a server or a router has an address there. */
  remove(id: string): Promise<void>;
}

export interface CloudRouters {
  list(): Promise<readonly CloudRouter[]>;
  /** @param externalId the network outside that it leads to */
  make(name: string, description: string, externalId: string): Promise<{ readonly id: string }>;
  /** Puts it into a subnet, as the way out of there; also when it is there already. */
  connect(id: string, subnetId: string): Promise<void>;
  /** With its places in subnets. Refused (`conflict`) while a floating IP leads through it. */
  remove(id: string): Promise<void>;
}

export interface CloudVolumes {
  list(): Promise<readonly CloudVolume[]>;
  /** An empty one, which is `available` a little later. */
  make(order: {
    readonly name: string;
    readonly gib: number;
    readonly metadata: Readonly<Record<string, string>>;
  }): Promise<{ readonly id: string }>;
  /** Puts an `available` one into a server that runs, which has another disk a little later. */
  attach(id: string, serverId: string): Promise<void>;
  /** Takes it out again. Its system should have unmounted it before. */
  detach(id: string, serverId: string): Promise<void>;
  /** With what is on it. Refused (`invalid`) while it is attached. */
  remove(id: string): Promise<void>;
}

export interface CloudGroups {
  list(): Promise<readonly CloudGroup[]>;
  make(name: string, description: string): Promise<CloudGroup>;
  tag(id: string, tag: string): Promise<void>;
  /** Lets TCP to a port in. */
  allow(groupId: string, port: number, source: RuleSource): Promise<void>;
  disallow(ruleId: string): Promise<void>;
  remove(id: string): Promise<void>;
}

export interface CloudFloatingIps {
  list(): Promise<readonly CloudFloatingIp[]>;
  make(networkId: string, description: string): Promise<CloudFloatingIp>;
  tag(id: string, tag: string): Promise<void>;
  /** @param portId null takes it away */
  lead(id: string, portId: string | null): Promise<void>;
  remove(id: string): Promise<void>;
}

/** A password for programs, which is good for one project and can be taken back. */
export interface CloudCredentials {
  list(): Promise<readonly { readonly id: string; readonly name: string }[]>;
  make(name: string, secret: string, description: string): Promise<{ readonly id: string }>;
  remove(id: string): Promise<void>;
}

/** One project of a cloud, with everything that a deployment stands on. */
export interface CloudProject extends AsyncDisposable {
  /** id of the project */
  projectId(): Promise<string>;
  readonly images: CloudImages;
  readonly flavors: CloudFlavors;
  readonly keyPairs: CloudKeyPairs;
  readonly servers: CloudServers;
  readonly networks: CloudNetworks;
  readonly routers: CloudRouters;
  readonly volumes: CloudVolumes;
  readonly groups: CloudGroups;
  readonly floatingIps: CloudFloatingIps;
  readonly credentials: CloudCredentials;
}
