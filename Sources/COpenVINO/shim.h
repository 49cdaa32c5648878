#pragma once

// The headers come from the runtime that scripts/bootstrap unpacks into .deps/openvino.
#include <openvino/c/openvino.h>
