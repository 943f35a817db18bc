"""The least octets of term lists, as a reference of its own kind has them.

Reads a JSON list of maps from standard input: entries as [first, last, outcome],
and the outcome of all other addresses, "x" where these have to stay open.
Writes a list of [octets of the fewest, octets of the merged prefixes], the blank
before each term included. The reference is the file that the argument names.
"""
import functools
import importlib.util
import ipaddress
import json
import sys

OPEN = "x"
MAPPED = ipaddress.ip_network("::ffff:0:0/96")
AROUND = ipaddress.ip_network("::/3")

spec = importlib.util.spec_from_file_location("mincover", sys.argv[1])
mincover = importlib.util.module_from_spec(spec)
spec.loader.exec_module(mincover)
printed = mincover.term
# Nothing leaves an address open once a term has matched; only the length counts.
mincover.term = lambda outcome, net: printed(outcome, net) if outcome != OPEN else range(10**9)


def networks(entries):
    """Each entry's prefixes with its outcome."""
    address = ipaddress.ip_address
    return [
        (net, outcome)
        for first, last, outcome in entries
        for net in ipaddress.summarize_address_range(address(first), address(last))
    ]


@functools.cache
def family(entries, default):
    """The reference's octets for the entries of one family."""
    return mincover.minimal(list(entries), default)[0] - len(f"v=spf1 {default}all")


def fewest(nets, default):
    """No client has an IPv4-mapped address, so what gives the least is given to it."""
    ip4 = tuple(entry for entry in nets if entry[0].version == 4)
    ip6 = tuple(entry for entry in nets if entry[0].version == 6)
    outcomes = {default} | {outcome for _, outcome in ip6}
    # It matters only to what lies around it.
    near = any(net.overlaps(AROUND) for net, _ in ip6)
    choices = [((MAPPED, outcome),) + ip6 for outcome in outcomes] if near else [ip6]
    return family(ip4, default) + min(family(choice, default) for choice in choices)


def merged(nets):
    """Each outcome's prefixes, those of each family merged."""
    total = 0
    for outcome in {outcome for _, outcome in nets}:
        for version in (4, 6):
            own = [net for net, of in nets if of == outcome and net.version == version]
            total += sum(len(printed(outcome, net)) for net in ipaddress.collapse_addresses(own))
    return total


def answers():
    for entries, default in json.load(sys.stdin):
        nets = networks(entries)
        yield [fewest(nets, default), merged(nets)]


json.dump(list(answers()), sys.stdout)
