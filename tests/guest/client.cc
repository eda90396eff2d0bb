// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors

#include "client.h"

#include <cerrno>
#include <cstring>
#include <memory>

#include <tandem/buffer.h>
#include <tandem/device.h>
#include <tandem/queue.h>

#include "served.h"

namespace guest
{

namespace
{

constexpr uint64_t kBytes = 1 << 20;
constexpr uint64_t kLimit = 20000000000u;

using DevicePtr = std::unique_ptr<struct tdm_device, decltype(&tdm_device_close)>;
using QueuePtr = std::unique_ptr<struct tdm_queue, decltype(&tdm_queue_destroy)>;
using BufferPtr = std::unique_ptr<struct tdm_buffer, decltype(&tdm_buffer_destroy)>;

struct tdm_cmd Fill(uint64_t dst, uint64_t len)
{
	struct tdm_cmd cmd = {};

	cmd.opcode = TDM_OP_FILL;
	cmd.fill.dst = dst;
	cmd.fill.len = len;
	cmd.fill.pattern = 0x5a5a5a5a5a5a5a5a;
	return cmd;
}

} // namespace

Client::Client(const std::string &node, Work work) : thread_([=] { Run(node, work); })
{
}

Client::~Client()
{
	stop_ = true;
	if (thread_.joinable())
		thread_.join();
}

bool Client::Does(unsigned int n) const
{
	unsigned int wanted = done_ + n;

	return Until([&] { return done_ >= wanted || ended_; }) && !ended_;
}

int Client::End()
{
	thread_.join();
	return error_;
}

void Client::Run(const std::string &node, Work work)
{
	Use(node, work);
	ended_ = true;
}

void Client::Use(const std::string &node, Work work)
{
	struct tdm_error err = {};
	DevicePtr dev(nullptr, tdm_device_close);
	QueuePtr queue(nullptr, tdm_queue_destroy);
	BufferPtr buffer(nullptr, tdm_buffer_destroy);

	if (work != Work::kOpen) {
		dev.reset(tdm_device_open(node.c_str(), &err));
		if (dev)
			queue.reset(tdm_queue_create(dev.get(), 8, &err));
		if (queue)
			buffer.reset(tdm_buffer_create(dev.get(), TDM_DOMAIN_HOST, kBytes,
						       TDM_ACCESS_READ | TDM_ACCESS_WRITE, &err));
		if (!buffer) {
			error_ = err.code;
			return;
		}
	}
	for (; !stop_ && !error_; done_++) {
		DevicePtr file(nullptr, tdm_device_close);
		QueuePtr other(nullptr, tdm_queue_destroy);
		BufferPtr piece(nullptr, tdm_buffer_destroy);
		struct tdm_cqe cqe = {};
		struct tdm_cmd cmd;

		switch (work) {
		case Work::kCommands:
			cmd = Fill(tdm_buffer_dva(buffer.get()), done_ % 8 ? 4096 : kBytes);
			error_ = tdm_queue_run(queue.get(), &cmd, NowNs() + kLimit, &cqe);
			if (!error_ && cqe.status)
				wrong_ = "a command ended in " + std::to_string(cqe.status);
			break;
		case Work::kOpen:
			file.reset(tdm_device_open(node.c_str(), &err));
			error_ = file ? 0 : err.code;
			break;
		case Work::kMap:
			piece.reset(tdm_buffer_create(dev.get(), TDM_DOMAIN_DEVICE, kBytes,
						      TDM_ACCESS_READ | TDM_ACCESS_WRITE, &err));
			error_ = piece ? 0 : err.code;
			break;
		case Work::kQueues:
			other.reset(tdm_queue_create(dev.get(), 8, &err));
			error_ = other ? 0 : err.code;
			break;
		}
	}
	/* The memory is the client's whatever became of the device. */
	if (buffer) {
		memset(tdm_buffer_ptr(buffer.get()), 0x11, kBytes);
		if (static_cast<unsigned char *>(tdm_buffer_ptr(buffer.get()))[kBytes - 1] != 0x11)
			wrong_ = "its memory does not hold what it wrote";
	}
}

} // namespace guest
