#include "apps/common/draw_flags.h"

int main(int argc, char** argv) { return matou::apps::drawingMain(matou::Program::command, "matou-command", argc, argv); }
