/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * The tool over a tree of a test's own: two devices of a host, two RDMA devices, and
 * a process.
 */
#ifndef TESTS_E2E_SEE_RIG_H
#define TESTS_E2E_SEE_RIG_H

#include <map>
#include <string>
#include <vector>

#include <json-c/json.h>

#include "support/golden.h"
#include "support/process.h"
#include "support/sys_tree.h"

namespace see
{

struct Ran {
	Ended end;
	std::string out, err;
};

inline Ran tandem(const SysTree &tree, const std::vector<std::string> &words)
{
	Launch launch;
	launch.args = { TANDEM_CLI };
	launch.args.insert(launch.args.end(), words.begin(), words.end());
	launch.env = { tree.env() };
	Process p(launch);
	Ran r;
	r.out = p.read_out();
	r.end = p.wait();
	r.err = p.err();
	return r;
}

inline const std::map<std::string, std::string> &full()
{
	static const std::map<std::string, std::string> values = {
		{ "class", "trn" },
		{ "model", "trn2" },
		{ "firmware_version", "stub-1.0" },
		{ "memory_total", "96000000000" },
		{ "memory_used", "2097152" },
		{ "host_memory_limit", "8000000000" },
		{ "host_memory_used", "65536" },
		{ "state", "ready" },
		{ "clients", "1" },
		{ "reset_count", "2" },
		{ "reset_reason", "firmware: no heartbeat" },
		{ "commands", "1000" },
		{ "errors", "3" },
		{ "faults", "1" },
		{ "tokens_prefill", "4096" },
		{ "tokens_decode", "512" },
		{ "bytes_moved", "18446744073709551615" },
		{ "busy_ns", "5000000000" },
		{ "inject_active", "hang" },
		{ "injected", "7" },
		{ "telemetry_age_ms", "20" },
		{ "heartbeat_age_ms", "35" },
		{ "firmware_state", "running" },
		{ "attachment", "emu" },
	};
	return values;
}

/* Where libpci's names are, below the tree's root as below the system's. */
constexpr const char *PCI_IDS = "/usr/share/misc/pci.ids";

/* A processing accelerator that no driver has. Return: its folder */
inline std::string function(SysTree &tree, const std::string &address)
{
	const std::string fn = "/sys/bus/pci/devices/" + address;
	tree.write(fn + "/class", "0x120000\n");
	tree.write(fn + "/vendor", "0x1234\n");
	tree.write(fn + "/device", "0xabcd\n");
	return fn;
}

/* accel0 says all that a driver can, accel1 what one of another release does. */
inline void host(SysTree &tree)
{
	tree.module();
	std::string first = tree.device("accel0", "platform/tandem-emu.0", full());
	tree.write(first + "/numa_node", "-1\n");
	tree.write(first + "/hwmon/hwmon2/temp1_input", "45500\n");
	tree.write(first + "/hwmon/hwmon2/power1_input", "350000000\n");
	std::string second = tree.device("accel1", "pci0000:00/0000:00:01.0/0000:02:00.0",
					 { { "class", "cs3" },
					   { "memory_total", "44000000000" },
					   { "state", "failed" },
					   { "attachment", "pci" } });
	tree.write(second + "/numa_node", "0\n");
	std::string nic = tree.rdma("mlx5_0", "pci0000:00/0000:00:01.0/0000:03:00.0", "eth0");
	tree.write("/sys/devices/pci0000:00/0000:00:01.0/0000:03:00.0/numa_node", "0\n");
	tree.write(nic + "/counters/port_xmit_data", "1000\n");
	tree.write(nic + "/counters/port_rcv_data", "2000\n");
	std::string rxe = tree.rdma("rxe0", "", "eth1");
	tree.write(rxe + "/hw_counters/sent_pkts", "12\n");
	tree.write(rxe + "/hw_counters/lifespan", "10\n");
	tree.client(4321, "llm", "/dev/accel/accel0", 9, "4000000000");
	function(tree, "0000:05:00.0");
	tree.write(PCI_IDS, "1234  Makers of Accelerators\n\tabcd  Thinker\n");
}

/* What a terminal would take for a command, or JSON for its end. */
inline bool is_clean(const std::string &text)
{
	for (char c : text)
		if ((static_cast<unsigned char>(c) < 0x20 && c != '\n') || c == 0x7f)
			return false;
	return true;
}

inline bool is_json(const std::string &text)
{
	json_object *o = json_tokener_parse(text.c_str());
	bool is = json_object_is_type(o, json_type_object);

	json_object_put(o);
	return is;
}

} // namespace see

#endif /* TESTS_E2E_SEE_RIG_H */
