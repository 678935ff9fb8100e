#pragma once
// Time on the processor, which waiting and other people's programs do not lengthen: what work costs, where a wall clock says
// when it was done.

namespace matou::core {

/// Of the calling thread since it began, milliseconds.
double threadCpuMilliseconds();
/// Of all threads of this process: with a software driver that is the picture's too.
double processCpuMilliseconds();

} // namespace matou::core
