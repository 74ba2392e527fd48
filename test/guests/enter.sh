# The first process of a run's own namespaces: a network with nothing in it, and files where libvirt and the agents of Neutron expect theirs, of which this
# machine's own see nothing.
set -e
mount --make-rprivate /
mount -t sysfs sysfs /sys
mount -t tmpfs -o mode=755 tmpfs /run
mount -t tmpfs -o mode=755 tmpfs /home
mkdir -p /run/lock /run/netns /run/libvirt
for folder in /etc/libvirt /var/lib/libvirt /var/log/libvirt /var/cache/libvirt; do
  mkdir -p "$folder" "$TMPDIR$folder"
  cp -a "$folder/." "$TMPDIR$folder/"
  mount --bind "$TMPDIR$folder" "$folder"
done
rm -rf /etc/libvirt/qemu/networks/autostart/*
hostname cloud-host
# Nobody is asked for names, and nobody waits for an answer.
printf '127.0.0.1 localhost cloud-host\n' >"$TMPDIR/hosts"
: >"$TMPDIR/resolv.conf"
for file in hosts resolv.conf; do mount --bind "$TMPDIR/$file" "/etc/$file"; done
ip link set lo up
# The outside of the cloud: where people are.
ip link add outside type veth peer name outside-host
ip addr add 203.0.113.1/24 dev outside-host
ip link set outside up
ip link set outside-host up
node=$1
shift
"$node" --disable-warning=ExperimentalWarning test/guests/run.ts "$@"
