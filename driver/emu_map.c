// SPDX-License-Identifier: GPL-2.0-only
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * The control node's mappings.
 *
 * A mapping holds the object that its offset named, and never looks at a number
 * again. Pages are put there by the fault handler, under the lock under which
 * whoever takes the object back marks it dead; that one then zaps what is there.
 * So no page is mapped once it has been zapped, and the pages can be freed. They
 * are bare page frames (VM_PFNMAP): nobody can get a reference to them here.
 *
 * Want of memory is SIGBUS, too: VM_FAULT_OOM would have the firmware try again
 * for ever, and this way it becomes a fault record of who asked for the page.
 */
#include <linux/fs.h>
#include <linux/mm.h>

#include "compat.h"
#include "context.h"
#include "emu.h"
#include "store.h"

static bool is_write(const struct vm_fault *vmf)
{
	return vmf->flags & (FAULT_FLAG_WRITE | FAULT_FLAG_MKWRITE);
}

static vm_fault_t insert(struct vm_fault *vmf, struct page *page, bool writable)
{
	struct vm_area_struct *vma = vmf->vma;
	pgprot_t prot = vma->vm_page_prot;

	if (!writable)
		prot = vm_get_page_prot(vma->vm_flags & ~VM_WRITE);
	return vmf_insert_pfn_prot(vma, vmf->address & PAGE_MASK, page_to_pfn(page), prot);
}

/* The byte that the mapping's object has at the fault. */
static u64 offset_of(const struct vm_fault *vmf, unsigned int bits)
{
	return ((u64)vmf->pgoff << PAGE_SHIFT) & (BIT_ULL(bits) - 1);
}

static vm_fault_t mem_fault(struct vm_fault *vmf)
{
	struct emu_mem *mem = vmf->vma->vm_private_data;
	vm_fault_t ret = VM_FAULT_SIGBUS;
	struct page *page;

	mutex_lock(&mem->lock);
	if (!mem->dead) {
		page = tdm_store_page(mem->store,
				      offset_of(vmf, TDM_EMU_MEM_SHIFT) >> PAGE_SHIFT);
		ret = IS_ERR(page) ? VM_FAULT_SIGBUS : insert(vmf, page, true);
	}
	mutex_unlock(&mem->lock);
	return ret;
}

static void mem_open(struct vm_area_struct *vma)
{
	struct emu_mem *mem = vma->vm_private_data;

	kref_get(&mem->ref);
}

static void mem_close(struct vm_area_struct *vma)
{
	emu_mem_put(vma->vm_private_data);
}

static const struct vm_operations_struct mem_vm_ops = {
	.fault = mem_fault,
	.open = mem_open,
	.close = mem_close,
};

static vm_fault_t ctx_fault(struct vm_fault *vmf)
{
	struct tdm_ctx *ctx = vmf->vma->vm_private_data;
	vm_fault_t ret;
	struct page *page;
	bool writable;

	mutex_lock(&ctx->vm.lock);
	page = tdm_vm_page(&ctx->vm, offset_of(vmf, TDM_EMU_DVA_SHIFT), is_write(vmf), &writable);
	ret = IS_ERR(page) ? VM_FAULT_SIGBUS : insert(vmf, page, writable);
	mutex_unlock(&ctx->vm.lock);
	return ret;
}

/*
 * A write to a page that is mapped for reading: read only in the context, or
 * after mprotect(2) of the mapping. Without this one the kernel would allow it.
 */
static vm_fault_t ctx_mkwrite(struct vm_fault *vmf)
{
	struct tdm_ctx *ctx = vmf->vma->vm_private_data;
	struct page *page;
	bool writable;

	mutex_lock(&ctx->vm.lock);
	page = tdm_vm_page(&ctx->vm, offset_of(vmf, TDM_EMU_DVA_SHIFT), true, &writable);
	mutex_unlock(&ctx->vm.lock);
	/* Where it was zapped since, the entry is gone, and nothing is made writable. */
	return IS_ERR(page) ? VM_FAULT_SIGBUS : 0;
}

static void ctx_open(struct vm_area_struct *vma)
{
	tdm_ctx_get(vma->vm_private_data);
}

static void ctx_close(struct vm_area_struct *vma)
{
	tdm_ctx_put(vma->vm_private_data);
}

static const struct vm_operations_struct ctx_vm_ops = {
	.fault = ctx_fault,
	.pfn_mkwrite = ctx_mkwrite,
	.open = ctx_open,
	.close = ctx_close,
};

static struct emu_mem *find_mem(struct emu *emu, u64 offset)
{
	struct emu_mem *mem;

	xa_lock(&emu->mems);
	mem = xa_load(&emu->mems, (offset & ~TDM_EMU_KIND_MASK) >> TDM_EMU_MEM_SHIFT);
	if (mem)
		kref_get(&mem->ref);
	xa_unlock(&emu->mems);
	return mem;
}

static int map_mem(struct emu *emu, struct vm_area_struct *vma, u64 offset, u64 len)
{
	u64 first = offset & (BIT_ULL(TDM_EMU_MEM_SHIFT) - 1);
	struct emu_mem *mem = find_mem(emu, offset);
	int ret = 0;

	if (!mem)
		return -EINVAL;
	if (first >= mem->store->bytes || len > mem->store->bytes - first)
		ret = -EINVAL;
	else if ((vma->vm_flags & VM_WRITE) && !(mem->access & TDM_ACCESS_WRITE))
		ret = -EACCES;
	if (ret) {
		emu_mem_put(mem);
		return ret;
	}
	if (!(mem->access & TDM_ACCESS_WRITE))
		tdm_vm_flags_mod(vma, 0, VM_MAYWRITE);
	vma->vm_private_data = mem;
	vma->vm_ops = &mem_vm_ops;
	return 0;
}

static int map_ctx(struct emu *emu, struct vm_area_struct *vma, u64 offset, u64 len)
{
	u64 dva = offset & (BIT_ULL(TDM_EMU_DVA_SHIFT) - 1);
	struct tdm_ctx *ctx;

	if (len > TDM_DVA_END - dva)
		return -EINVAL;
	ctx = tdm_ctx_find(emu->tdm, (offset & ~TDM_EMU_KIND_MASK) >> TDM_EMU_DVA_SHIFT);
	if (!ctx)
		return -EINVAL;
	vma->vm_private_data = ctx;
	vma->vm_ops = &ctx_vm_ops;
	return 0;
}

int emu_map(struct emu *emu, struct vm_area_struct *vma)
{
	u64 offset = (u64)vma->vm_pgoff << PAGE_SHIFT;
	u64 len = vma->vm_end - vma->vm_start;

	/* A file that was opened for reading only has no VM_SHARED. */
	if (!(vma->vm_flags & VM_MAYSHARE) || (vma->vm_flags & VM_EXEC))
		return -EINVAL;
	tdm_vm_flags_mod(vma, VM_PFNMAP | VM_IO | VM_DONTCOPY | VM_DONTEXPAND | VM_DONTDUMP,
			 VM_MAYEXEC);
	switch (offset & TDM_EMU_KIND_MASK) {
	case TDM_EMU_MEM:
		return map_mem(emu, vma, offset, len);
	case TDM_EMU_DVA:
		return map_ctx(emu, vma, offset, len);
	default:
		return -EINVAL;
	}
}

void emu_zap(struct emu *emu, u64 offset, u64 len)
{
	struct address_space *mapping = READ_ONCE(emu->mapping);

	/* NULL: nothing could be mapped yet. */
	if (mapping)
		unmap_mapping_range(mapping, offset, len, 1);
}
